"""`s3pypi upload`."""

import itertools
from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, exclusive, option, pass_report
from s3pypi.command_line.options import (
    bucket_options,
    dry_run_option,
    retired_options,
    verbose_option,
)
from s3pypi.command_line.output import Report
from s3pypi.command_line.parameters import COUNT, SECONDS, is_number
from s3pypi.command_line.targets import BucketTarget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s3pypi.bucket import Bucket
    from s3pypi.uploads.results import Result

WAIT = "120"


class UploadCommand(Command):
    """A command whose `--wait` takes a number or nothing."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; in `--wait dist/*`, a file is not the number of seconds."""
        end = args.index("--") if "--" in args else len(args)
        options = [
            f"--wait={WAIT}" if each == "--wait" and not is_number(after) else each
            for each, after in itertools.pairwise([*args[:end], ""])
        ]
        return super().parse_args(ctx, options + args[end:])


@click.command(
    "upload",
    cls=UploadCommand,
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
@click.argument("dist", nargs=-1, required=True, metavar="DIST...", type=click.Path(readable=False))
@bucket_options
@option("--strict", is_flag=True, help="Fail if a file exists with different content.")
@option("-f", "--force", is_flag=True, help="Replace files that exist with different content.")
@option(
    "--wait",
    type=SECONDS,
    is_flag=False,
    flag_value=WAIT,
    metavar="[SECONDS]",
    help=f"Wait until the index lists the files, at most {WAIT} seconds by default.",
)
@option(
    *("-j", "--jobs"),
    type=COUNT,
    default="16",
    show_default=True,
    metavar="N",
    help="How many requests to make at the same time.",
)
@dry_run_option
@verbose_option
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
    jobs: int,
    dry_run: bool,
) -> None:
    """Upload wheels and sdists.

    DIST is a file or a pattern such as dist/*. All files are checked before the first one is
    uploaded. A file that already exists is skipped, with a warning if its content is different;
    --strict and --force change that.

    \b
    Examples:
      s3pypi upload dist/* --bucket my-bucket
      s3pypi upload dist/* --bucket my-bucket --prefix team --strict --wait
    """
    from s3pypi.layout import file_key
    from s3pypi.uploads.results import Existing, Outcome
    from s3pypi.uploads.selection import select
    from s3pypi.uploads.uploader import Uploader

    policy = {"strict": Existing.FAIL, "force": Existing.REPLACE, None: Existing.SKIP}
    existing = policy[exclusive(context, "strict", "force")]
    distributions = select(dist, jobs=jobs)
    if dry_run:
        for each in distributions:
            key = file_key(target.prefix, each.project, each.filename)
            report.line(f"would upload: {target.url(key)}")
        return

    def show(result: "Result") -> None:
        report.line(f"{result.outcome}: {target.url(result.key)}")
        if result.outcome is Outcome.SKIPPED:
            report.note(
                f"warning: {result.distribution.filename} {result.reason}; "
                "use --force to replace it, or --strict to fail"
            )

    bucket = target.open(connections=jobs + 1)
    with report.progress(sum(each.digest.size for each in distributions)) as advance:
        results = Uploader(
            bucket, target.prefix, existing, jobs=jobs, finished=show, advance=advance
        ).upload(distributions)
    _finish(report, results)
    if wait:
        _wait(report, bucket, target.prefix, results, wait)


def _finish(report: Report, results: "list[Result]") -> None:
    """Print how many files had each outcome; raise if any failed."""
    from collections import Counter

    from s3pypi.errors import S3PyPIError
    from s3pypi.uploads.results import Outcome

    counts = Counter(result.outcome for result in results)
    report.note(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    if failed:
        raise S3PyPIError(f"{len(failed)} of {len(results)} files failed:{_reasons(failed)}")


def _wait(
    report: Report, bucket: "Bucket", prefix: str, results: "list[Result]", seconds: float
) -> None:
    """Wait for the files that are in the bucket; raise if any was skipped."""
    from s3pypi.errors import NotIndexedError
    from s3pypi.uploads.results import Outcome
    from s3pypi.uploads.waiter import Waiter

    there = [each for each in results if each.outcome is not Outcome.SKIPPED]
    report.note(f"waiting until the index lists {len(there)} files")
    Waiter(bucket, prefix).wait(there, seconds)
    skipped = [each for each in results if each.outcome is Outcome.SKIPPED]
    if skipped:
        what = f"{len(skipped)} of {len(results)} files were skipped"
        raise NotIndexedError(f"{what}, so the index cannot list them:{_reasons(skipped)}")


def _reasons(results: "list[Result]") -> str:
    return "".join(f"\n  {each.distribution.filename}: {each.reason}" for each in results)
