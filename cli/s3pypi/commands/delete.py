"""`s3pypi delete`."""

from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, pass_report
from s3pypi.command_line.options import (
    bucket_options,
    dry_run_option,
    release_arguments,
    retired_options,
    verbose_option,
)
from s3pypi.command_line.output import Report
from s3pypi.command_line.targets import BucketTarget

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from packaging.version import Version


@click.command("delete", cls=Command)
@release_arguments
@bucket_options
@dry_run_option
@verbose_option
@retired_options
@pass_report
def command(
    report: Report,
    target: BucketTarget,
    *,
    name: "NormalizedName",
    release: "Version",
    dry_run: bool,
) -> None:
    """Delete all files of a version.

    The files and their yank markers are deleted for good. To keep installers from choosing a
    version without breaking those that pin it, use `s3pypi yank` instead.

    \b
    Example:
      s3pypi delete my-package 1.2.3 --bucket my-bucket
    """
    from s3pypi.projects.deletion import Deleter

    deleter = Deleter(target.open(), target.prefix)
    keys = deleter.find(name, release)
    if dry_run:
        for key in keys:
            report.line(f"would delete: {target.url(key)}")
    else:
        deleter.delete(keys, lambda key: report.line(f"deleted: {target.url(key)}"))
