"""`s3pypi promote`."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from s3pypi.command_line.command import option
from s3pypi.command_line.output import Report, counted
from s3pypi.command_line.parameters import PREFIX
from s3pypi.command_line.release_options import NamedRelease, release_options
from s3pypi.command_line.targets import BucketTarget
from s3pypi.command_line.waiting import WaitCommand, wait_option

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from s3pypi.projects.promotion import Copy


@click.command("promote", cls=WaitCommand)
@option("--from-prefix", type=PREFIX, metavar="PREFIX", help="The index to promote from.")
@option("--to-prefix", type=PREFIX, metavar="PREFIX", help="The index to promote to.")
@option("--move", is_flag=True, help="Delete the files from the first index afterwards.")
@option("--unsafe", is_flag=True, help="Promote yanked files and quarantined projects, too.")
@wait_option
@release_options
@click.pass_context
def command(
    context: click.Context,
    report: Report,
    target: BucketTarget,
    *,
    release: NamedRelease,
    from_prefix: str | None,
    to_prefix: str | None,
    move: bool,
    unsafe: bool,
    wait: float | None,
    dry_run: bool,
) -> None:
    """Copy a version from one index to another in the same bucket.

    S3 copies the files, so that they keep their content, metadata and tags. All files are checked
    before the first one is copied, and nothing is ever replaced. Run the same command again to
    continue after an interruption. Without a prefix, the index is the one at the bucket's root.

    \b
    Example:
      s3pypi promote my-package 1 --from-prefix dev --to-prefix prod -b bucket
    """
    from s3pypi.projects.promotion import Promoter

    if context.get_parameter_source("prefix") is ParameterSource.COMMANDLINE:
        raise click.UsageError(
            "'--prefix' cannot be used here; use '--from-prefix' and '--to-prefix'."
        )
    if from_prefix is None and to_prefix is None:
        raise click.UsageError("Missing option '--from-prefix' or '--to-prefix'.")
    source, prefix = from_prefix or "", to_prefix or ""
    if source == prefix:
        raise click.UsageError("'--from-prefix' and '--to-prefix' are the same index.")
    promoter = Promoter(target.open(connections=20), source, prefix)
    with report.waiting("checking the files"):
        copies = promoter.plan(*release, unsafe=unsafe)

    def done(copy: "Copy") -> None:
        verb = "would promote" if dry_run else "promoted"
        report.done("identical" if copy.there else verb, target.url(copy.target))

    if dry_run:
        for each in copies:
            done(each)
        return
    with report.waiting("copying"):
        promoter.copy(copies, done)
    if wait:
        _wait(report, replace(target, prefix=prefix), release[0], copies, wait)
    if move:
        promoter.remove(copies, lambda key: report.done("deleted", target.url(key)))


for each in command.params:
    if isinstance(each, click.Option) and each.name == "prefix":
        each.hidden = True  # it is refused


def _wait(
    report: Report,
    target: BucketTarget,
    name: "NormalizedName",
    copies: "list[Copy]",
    seconds: float,
) -> None:
    from pathlib import Path

    from packaging.version import Version

    from s3pypi.digest import Digest
    from s3pypi.uploads.distribution import Distribution
    from s3pypi.uploads.results import Outcome, Result
    from s3pypi.uploads.waiter import Waiter

    def result(copy: "Copy") -> Result:
        digest = Digest(copy.file.size or 0, bytes.fromhex(copy.file.sha256))
        version = copy.file.version or Version("0")
        distribution = Distribution(Path(copy.file.filename), name, version, digest)
        return Result(distribution, copy.target, Outcome.UPLOADED, etag=copy.file.etag)

    waiting = f"waiting until the index lists {counted(len(copies), 'file')}"
    report.note(waiting)
    with report.waiting(waiting):
        Waiter(target.open(), target.prefix).wait(map(result, copies), seconds)
