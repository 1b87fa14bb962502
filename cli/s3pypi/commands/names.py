"""`s3pypi names`."""

from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, option, pass_report
from s3pypi.command_line.options import output_options
from s3pypi.command_line.output import Report
from s3pypi.command_line.parameters import COUNT, PROJECT, URL
from s3pypi.command_line.target_options import indexer_options
from s3pypi.command_line.targets import IndexerTarget

if TYPE_CHECKING:
    from packaging.utils import NormalizedName


@click.command("names", cls=Command)
@indexer_options
@option("--upstream", type=URL, required=True, metavar="URL", help="The Simple API to ask.")
@option(
    "--acknowledge",
    type=PROJECT,
    multiple=True,
    metavar="NAME",
    help="A name that you know to be taken; repeat the option for several.",
)
@option(
    "--limit", type=COUNT, metavar="N", help="Check at most N names; each day, a different part."
)
@output_options
@pass_report
def command(
    report: Report,
    target: IndexerTarget,
    *,
    upstream: str,
    acknowledge: tuple["NormalizedName", ...],
    limit: int | None,
) -> None:
    """Check your project names on an upstream.

    The command asks the upstream for each name of the index and of the indexes below its prefix. A
    name is free, taken by somebody else, or mirrored if the upstream has all of your files. Names
    without a clear answer are unknown, never free.

    The upstream learns your names. The exit code is 1 if a name is taken or unknown. The command
    only needs the permission lambda:InvokeFunction.

    \b
    Example:
      s3pypi names --upstream https://up.example/ --function indexer -b my-bucket
    """
    from datetime import UTC, datetime

    from s3pypi.command_line.output import counted, printable
    from s3pypi.errors import S3PyPIError
    from s3pypi.upstream.lookup import Upstream
    from s3pypi.upstream.names import State, check, counts, part_of

    indexer = target.open()
    names = part_of(indexer.names(), limit, datetime.now(UTC).toordinal())
    verdicts = []
    with report.progress(len(names), "names") as advance:
        for each in check(names, Upstream(upstream).find, indexer.digests, acknowledge):
            verdicts.append(each)
            if not report.json:
                report.line(printable(each.line()))
            advance(1)
    report.document([each.as_json() for each in verdicts])
    count = counts(verdicts)
    summary = ", ".join(f"{number:,} {state}" for state, number in count.items() if number)
    if count[State.TAKEN] or count[State.UNKNOWN]:
        raise S3PyPIError(f"{counted(len(names), 'name')}: {summary}")
    report.note(f"{counted(len(names), 'name')}: {summary or 'nothing to check'}")
