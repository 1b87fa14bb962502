"""`s3pypi upload`."""

import argparse
from collections import Counter

from s3pypi.command_line.connections import open_bucket
from s3pypi.command_line.output import Report
from s3pypi.errors import NotIndexedError, S3PyPIError
from s3pypi.layout import file_key
from s3pypi.uploads.selection import select
from s3pypi.uploads.uploader import Existing, Outcome, Result, Uploader
from s3pypi.uploads.waiter import Waiter

JOBS = 16


def run(args: argparse.Namespace, report: Report) -> None:
    """Check the files, send them, say what became of each, and wait for them if asked.

    Raises:
        S3PyPIError: Any file is not in the bucket as it should be, or not on the index in time.
        NotIndexedError: With `--wait`, also if any was skipped, once the others are on the index.
    """
    jobs, prefix = args.jobs or JOBS, args.prefix or ""
    distributions = select(args.dist, jobs=jobs)
    if args.dry_run:
        for each in distributions:
            key = file_key(prefix, each.project, each.filename)
            report.line(f"would upload: s3://{args.bucket}/{key}")
        return

    bucket = open_bucket(args, connections=jobs + 1)
    existing = {"strict": Existing.FAIL, "force": Existing.REPLACE}.get(
        args.existing, Existing.SKIP
    )

    def tell(result: Result) -> None:
        report.line(f"{result.outcome}: s3://{args.bucket}/{result.key}")
        if result.outcome is Outcome.SKIPPED:
            report.note(
                f"warning: {result.distribution.filename} {result.reason}; "
                "--force replaces it, --strict makes this a failure"
            )

    with report.progress(sum(each.digest.size for each in distributions)) as advance:
        results = Uploader(
            bucket, prefix, existing, jobs=jobs, finished=tell, advance=advance
        ).upload(distributions)

    counts = Counter(result.outcome for result in results)
    report.note(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    if failed:
        raise S3PyPIError(f"{len(failed)} of {len(results)} files failed:{_reasons(failed)}")
    if args.wait:
        there = [each for each in results if each.outcome is not Outcome.SKIPPED]
        report.note(f"waiting for the index to list {len(there)} files")
        Waiter(bucket, prefix).wait(there, args.wait)
        skipped = [each for each in results if each.outcome is Outcome.SKIPPED]
        if skipped:
            what = f"{len(skipped)} of {len(results)} files were skipped"
            raise NotIndexedError(f"{what}, so the index cannot list them:{_reasons(skipped)}")


def _reasons(results: list[Result]) -> str:
    return "".join(f"\n  {each.distribution.filename}: {each.reason}" for each in results)
