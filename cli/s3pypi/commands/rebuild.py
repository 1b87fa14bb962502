"""`s3pypi rebuild`."""

from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, option, pass_report
from s3pypi.command_line.options import names_argument, output_options
from s3pypi.command_line.output import Report
from s3pypi.command_line.target_options import indexer_options
from s3pypi.command_line.targets import IndexerTarget

if TYPE_CHECKING:
    from packaging.utils import NormalizedName


@click.command("rebuild", cls=Command)
@names_argument
@indexer_options
@option("--fresh", is_flag=True, help="Read every file again, even if it is already indexed.")
@option("--no-wait", is_flag=True, help="Return as soon as the work is queued.")
@output_options
@pass_report
def command(
    report: Report,
    target: IndexerTarget,
    *,
    names: tuple["NormalizedName", ...],
    fresh: bool,
    no_wait: bool,
) -> None:
    """Regenerate the index from the files in the bucket.

    The indexer regenerates every project whose pages differ from the bucket, and the command waits
    until this is done. Uploads may continue meanwhile. NAME limits this to projects; by default,
    all projects of the index and of the indexes below its prefix are compared.

    The command only needs the permission lambda:InvokeFunction.

    \b
    Examples:
      s3pypi rebuild --function s3pypi-indexer --bucket my-bucket
      s3pypi rebuild my-package --fresh --function s3pypi-indexer -b my-bucket
    """
    from s3pypi.command_line.findings import check_found, print_differences, summary_of
    from s3pypi.command_line.output import counted
    from s3pypi.errors import S3PyPIError
    from s3pypi.indexer.watcher import Watcher

    indexer = target.open()
    before = None if no_wait else indexer.queue()
    with report.waiting("comparing the index with the bucket"):
        rebuild = indexer.rebuild(names, fresh=fresh)
    findings = rebuild.findings
    report.document(findings.answer)
    print_differences(findings, report)
    check_found(findings, target, names)
    report.note(f"found: {summary_of(findings)}")
    if not report.json:
        report.line(f"regenerating: {counted(rebuild.regenerated, 'project')}")
    if before is not None and rebuild.messages:
        report.note("waiting until the queue is empty; interrupting this does not stop the rebuild")
        with report.progress(rebuild.messages, "messages") as advance:
            Watcher(indexer, advance).wait(rebuild.messages, before)
        # The summaries on the root page and the links between new projects are only known now.
        with report.waiting("updating summaries and links"):
            indexer.rebuild(names)
    if left := findings.count - findings.repairable:
        raise S3PyPIError(
            f"{counted(left, 'difference')} cannot be repaired by a rebuild; change the files that "
            "the messages above name"
        )
    if not no_wait:
        report.note("done; run `s3pypi verify` to check the result")
