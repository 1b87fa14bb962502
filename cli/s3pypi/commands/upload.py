"""`s3pypi upload`."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import exclusive, option, pass_report
from s3pypi.command_line.options import dry_run_option, output_options, retired_options
from s3pypi.command_line.output import Report
from s3pypi.command_line.parameters import COUNT
from s3pypi.command_line.target_options import bucket_options
from s3pypi.command_line.targets import BucketTarget
from s3pypi.command_line.waiting import WaitCommand, wait_option

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from s3pypi.uploads.results import Result


@click.command(
    "upload",
    cls=WaitCommand,
    epilog="""\
    \b
    Exit codes:
      0    Success.
      1    A file is invalid, or was not uploaded; the message says which.
      2    Usage error; nothing was uploaded.
      3    With --wait: not all files were listed in time.
      4    With --wait: the index refuses a file.
      130  Interrupted.
    """,
)
@click.argument("dist", nargs=-1, metavar="[DIST]...", type=click.Path(readable=False))
@bucket_options
@option("--strict", is_flag=True, help="Fail if a file exists with different content.")
@option("-f", "--force", is_flag=True, help="Replace files that exist with different content.")
@wait_option
@option(
    "--index-url",
    metavar="URL",
    help="The URL that installers use for this index; with --wait, it is shown.",
)
@option(
    *("-j", "--jobs"),
    type=COUNT,
    default="16",
    show_default=True,
    metavar="N",
    help="Make at most N requests at the same time.",
)
@dry_run_option
@output_options
@retired_options
@click.pass_context
@pass_report
def command(
    report: Report,
    context: click.Context,
    target: BucketTarget,
    *,
    dist: "Sequence[str]",
    strict: bool,  # noqa: ARG001 - as `exclusive` finds it
    force: bool,  # noqa: ARG001
    wait: float | None,
    index_url: str | None,
    jobs: int,
    dry_run: bool,
) -> None:
    """Upload wheels and sdists.

    DIST is a file or a pattern; the default is dist/*. All files are checked before the first one
    is uploaded. A file that already exists is skipped, with a warning if its content is different;
    --strict and --force change that. Signatures, attestations and SBOMs of the files are skipped.

    \b
    Examples:
      s3pypi upload dist/* --bucket my-bucket
      s3pypi upload dist/* --bucket my-bucket --prefix team --strict --wait
    """
    from s3pypi.command_line import outcomes
    from s3pypi.errors import is_interrupt
    from s3pypi.uploads.destination import check_destination, is_large
    from s3pypi.uploads.results import Existing
    from s3pypi.uploads.selection import select
    from s3pypi.uploads.uploader import Uploader

    policy = {"strict": Existing.FAIL, "force": Existing.REPLACE, None: Existing.SKIP}
    existing = policy[exclusive(context, "strict", "force")]
    bucket = target.open(connections=jobs + 1)
    finished: list[Result] = []

    def check(paths: "Sequence[Path]") -> None:
        # A single small file needs no check: its upload fails soon enough.
        if target.prefix or len(paths) > 1 or any(map(is_large, paths)):
            check_destination(bucket, target.prefix)

    with report.waiting("checking the files"):
        distributions = select(
            dist or ("dist/*",),
            jobs=jobs,
            found=check,
            skipped=lambda path: report.note(f"skipped: {path} is not a distribution"),
        )
    if existing is Existing.FAIL:
        outcomes.refuse_respelled(bucket, target.prefix, distributions)

    def show(result: "Result") -> None:
        finished.append(result)
        outcomes.show_result(report, target, result)

    uploader = Uploader(bucket, target.prefix, existing, jobs=jobs, finished=show)
    if dry_run:
        outcomes.show_plan(report, target, uploader.plan(distributions), existing)
        return
    try:
        with report.progress(sum(each.digest.size for each in distributions)) as advance:
            results = replace(uploader, advance=advance).upload(distributions)
    except BaseException as error:
        if is_interrupt(error):
            report.error(outcomes.interrupted(finished, distributions))
        raise
    outcomes.finish(report, results)
    if wait:
        outcomes.wait_for(report, target, bucket, results, seconds=wait, index_url=index_url)
