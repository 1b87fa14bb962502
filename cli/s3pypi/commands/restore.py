"""`s3pypi restore`."""

import click

from s3pypi.command_line.command import Command
from s3pypi.command_line.output import Report
from s3pypi.command_line.release_options import NamedRelease, release_options
from s3pypi.command_line.targets import BucketTarget


@click.command("restore", cls=Command)
@release_options
def command(report: Report, target: BucketTarget, *, release: NamedRelease, dry_run: bool) -> None:
    """Bring back a deleted version.

    This works while the bucket's versioning keeps the deleted files. Nothing is replaced. A file
    that was yanked when it was deleted comes back yanked.

    \b
    Example:
      s3pypi restore my-package 1.2.3 --bucket my-bucket
    """
    from s3pypi.projects.restoration import find_deleted

    bucket = target.open()
    for each in find_deleted(bucket, target.prefix, *release):
        if not dry_run:
            bucket.restore(each)
        report.done("would restore" if dry_run else "restored", target.url(each.key))
