"""`s3pypi restore`."""

from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, pass_report
from s3pypi.command_line.options import (
    dry_run_option,
    file_option,
    output_options,
    release_arguments,
)
from s3pypi.command_line.output import Report
from s3pypi.command_line.target_options import bucket_options
from s3pypi.command_line.targets import BucketTarget

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from packaging.version import Version


@click.command("restore", cls=Command)
@release_arguments
@file_option
@bucket_options
@dry_run_option
@output_options
@pass_report
def command(
    report: Report,
    target: BucketTarget,
    *,
    name: "NormalizedName",
    release: "Version",
    file: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Bring back a deleted version.

    This works while the bucket's versioning keeps the deleted files. Nothing is replaced. A file
    that was yanked when it was deleted comes back yanked.

    \b
    Example:
      s3pypi restore my-package 1.2.3 --bucket my-bucket
    """
    from s3pypi.projects.restoration import find_deleted

    bucket = target.open()
    for each in find_deleted(bucket, target.prefix, name, release, file):
        if not dry_run:
            bucket.restore(each)
        report.done("would restore" if dry_run else "restored", target.url(each.key))
