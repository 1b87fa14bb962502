"""Print the outcomes of `upload`: for each file, for failures, and for an interruption."""

import time
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from s3pypi.bucket import Bucket
from s3pypi.command_line.output import Report, counted
from s3pypi.command_line.targets import BucketTarget
from s3pypi.errors import NotIndexedError, S3PyPIError
from s3pypi.layout import project_directory
from s3pypi.uploads.distribution import Distribution
from s3pypi.uploads.results import Existing, Outcome, Result
from s3pypi.uploads.spelling import respelled
from s3pypi.uploads.waiter import Waiter


def show_result(
    report: Report, target: BucketTarget, result: Result, *, plan: bool = False
) -> None:
    """Print the result for one file; with `plan`, the result that an upload would have."""
    planned = {
        Outcome.UPLOADED: "would upload",
        Outcome.SKIPPED: "would skip",
        Outcome.FAILED: "would fail",
    }
    action = planned.get(result.outcome, result.outcome) if plan else result.outcome
    reason = {"reason": result.reason} if result.reason else {}
    report.done(str(action), target.url(result.key), **reason)
    if result.outcome is Outcome.SKIPPED:
        report.warn(
            f"{result.distribution.filename} {result.reason}; "
            "use --force to replace it, or --strict to fail"
        )


def show_plan(
    report: Report, target: BucketTarget, results: list[Result], existing: Existing
) -> None:
    """Print the plan of `--dry-run`; raise the errors that the upload would raise."""
    for result in results:
        show_result(report, target, result, plan=True)
    unknown = [e for e in results if e.outcome is Outcome.UPLOADED and e.reason]
    if unknown and existing is not Existing.REPLACE:
        report.warn(
            f"cannot check whether files exist ({counted(len(unknown), 'file')}): "
            f"{unknown[0].reason}"
        )
    _raise_failed(results, "would fail")


def refuse_respelled(bucket: Bucket, prefix: str, distributions: Sequence[Distribution]) -> None:
    """Fail if a file exists under another spelling of its name."""
    found = respelled(bucket, prefix, distributions)
    if found:
        lines = "".join(f"\n  {each.filename}: already exists as {other}" for each, other in found)
        raise S3PyPIError(
            f"nothing was uploaded; {counted(len(found), 'file')} of a known release:{lines}"
        )


def interrupted(finished: list[Result], distributions: Sequence[Distribution]) -> str:
    """Return a message that lists which files are in the bucket, and which may not be."""
    there = [e for e in finished if e.outcome in {Outcome.UPLOADED, Outcome.IDENTICAL}]
    known = {each.distribution.path for each in finished}
    rest = [each.filename for each in distributions if each.path not in known]
    text = f"in the bucket: {len(there)} of {counted(len(distributions), 'file')}"
    return text + "".join(f"\n  not uploaded, or not confirmed: {each}" for each in rest)


def finish(report: Report, results: list[Result]) -> None:
    """Print the number of files by outcome; fail if any upload failed."""
    counts = Counter(result.outcome for result in results)
    report.note(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    _raise_failed(results, "failed")


def _raise_failed(results: list[Result], verb: str) -> None:
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    if failed:
        whole = counted(len(results), "file")
        raise S3PyPIError(f"{len(failed)} of {whole} {verb}:{_reasons(failed)}")


def wait_for(
    report: Report,
    target: BucketTarget,
    bucket: Bucket,
    results: list[Result],
    *,
    seconds: float,
    index_url: str | None,
) -> None:
    """Wait until the index lists the uploaded files; fail if any file was skipped."""
    there = [each for each in results if each.outcome is not Outcome.SKIPPED]
    began = time.monotonic()
    waiting = f"waiting until the index lists {counted(len(there), 'file')}"
    report.note(waiting)
    with report.waiting(waiting):
        Waiter(bucket, target.prefix).wait(there, seconds)
    if there:
        report.note(f"listed after {time.monotonic() - began:.1f} seconds:")
    for line in _pages(target, there, index_url):
        report.note(f"  {line}")
    skipped = [each for each in results if each.outcome is Outcome.SKIPPED]
    if skipped:
        verb, them = ("was", "it") if len(skipped) == 1 else ("were", "them")
        what = f"{len(skipped)} of {counted(len(results), 'file')} {verb} skipped"
        raise NotIndexedError(f"{what}, so the index cannot list {them}:{_reasons(skipped)}")


def _pages(target: BucketTarget, results: list[Result], index_url: str | None) -> list[str]:
    """Return the URL of each project's page, and the command to install it if it is known."""
    newest = {e.distribution.project: e.distribution.version for e in results}
    for each in results:
        project, version = each.distribution.project, each.distribution.version
        newest[project] = max(newest[project], version)
    if not index_url:
        return [target.url(project_directory(target.prefix, project)) for project in newest]
    parts = urlsplit(index_url)
    # Without a password, which must not appear in a log.
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
    return [
        line
        for project, version in newest.items()
        for line in (
            f"{bare}/{project}/",
            f"pip install --index-url {bare}/ {project}=={version}",
        )
    ]


def _reasons(results: list[Result]) -> str:
    return "".join(f"\n  {each.distribution.filename}: {each.reason}" for each in results)
