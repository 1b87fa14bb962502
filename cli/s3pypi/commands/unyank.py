"""`s3pypi unyank`."""

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


@click.command("unyank", cls=Command)
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
    """Let installers choose a yanked version again.

    \b
    Example:
      s3pypi unyank my-package 1.2.3 --bucket my-bucket
    """
    from s3pypi.projects.yanking import Yanker

    yanker = Yanker(target.open(), target.prefix)
    keys = yanker.find_yanked(name, release, file)
    if dry_run:
        for key in keys:
            report.done("would unyank", target.url(key))
    else:
        yanker.unyank(keys, lambda key: report.done("unyanked", target.url(key)))
