"""`s3pypi yank`."""

from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, pass_report
from s3pypi.command_line.options import (
    dry_run_option,
    file_option,
    output_options,
    reason_option,
    release_arguments,
)
from s3pypi.command_line.output import Report
from s3pypi.command_line.target_options import bucket_options
from s3pypi.command_line.targets import BucketTarget

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from packaging.version import Version


@click.command("yank", cls=Command)
@release_arguments
@reason_option
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
    reason: str | None,
    file: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Keep installers from choosing a version.

    Yanked files stay available (PEP 592): installers only take them for a requirement that pins
    exactly this version. Yank again to replace the reason. Use `s3pypi unyank` to undo.

    \b
    Example:
      s3pypi yank my-package 1.2.3 --reason "breaks logins" --bucket my-bucket
    """
    from s3pypi.projects.yanking import Yanker

    yanker = Yanker(target.open(), target.prefix)
    keys = yanker.find(name, release, file)
    if dry_run:
        for key in keys:
            report.done("would yank", target.url(key))
    else:
        yanker.yank(keys, reason or "", lambda key: report.done("yanked", target.url(key)))
