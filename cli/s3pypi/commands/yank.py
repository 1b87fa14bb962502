"""`s3pypi yank`."""

import click

from s3pypi.command_line.command import Command
from s3pypi.command_line.options import reason_option
from s3pypi.command_line.output import Report
from s3pypi.command_line.release_options import NamedRelease, release_options
from s3pypi.command_line.targets import BucketTarget


@click.command("yank", cls=Command)
@reason_option
@release_options
def command(
    report: Report,
    target: BucketTarget,
    *,
    release: NamedRelease,
    reason: str | None,
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
    keys = yanker.find(*release)
    if dry_run:
        for key in keys:
            report.done("would yank", target.url(key))
    else:
        yanker.yank(keys, reason or "", lambda key: report.done("yanked", target.url(key)))
