"""`s3pypi unyank`."""

import click

from s3pypi.command_line.command import Command
from s3pypi.command_line.output import Report
from s3pypi.command_line.release_options import NamedRelease, release_options
from s3pypi.command_line.targets import BucketTarget


@click.command("unyank", cls=Command)
@release_options
def command(report: Report, target: BucketTarget, *, release: NamedRelease, dry_run: bool) -> None:
    """Let installers choose a yanked version again.

    \b
    Example:
      s3pypi unyank my-package 1.2.3 --bucket my-bucket
    """
    from s3pypi.projects.yanking import Yanker

    yanker = Yanker(target.open(), target.prefix)
    keys = yanker.find_yanked(*release)
    if dry_run:
        for key in keys:
            report.done("would unyank", target.url(key))
    else:
        yanker.unyank(keys, lambda key: report.done("unyanked", target.url(key)))
