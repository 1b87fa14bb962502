"""Print the findings of `verify` and `rebuild`."""

from collections.abc import Sequence

from packaging.utils import NormalizedName

from s3pypi.command_line.output import Report, counted, printable
from s3pypi.command_line.targets import IndexerTarget
from s3pypi.errors import S3PyPIError
from s3pypi.indexer.client import Findings


def print_differences(findings: Findings, report: Report) -> None:
    """Print the differences, one per line, unless the output is JSON."""
    for each in () if report.json else findings.differences:
        report.line(printable(f"{each.place}: {each.what}"))


def summary_of(findings: Findings) -> str:
    """Return a summary such as `2 differences in 3 projects, 70 objects`."""
    shown = len(findings.differences)
    summary = (
        f"{counted(findings.count, 'difference')} in {counted(findings.projects, 'project')}, "
        f"{counted(findings.objects, 'object')}"
    )
    return summary + (f"; {shown:,} of them shown" if shown < findings.count else "")


def check_found(findings: Findings, target: IndexerTarget, names: Sequence[NormalizedName]) -> None:
    """Check that the named projects and the prefix exist.

    Raises:
        S3PyPIError: A project does not exist, or the prefix has no objects.
    """
    where = f"s3://{target.bucket}/{target.prefix}"
    missing = len(set(names)) - findings.projects
    if names and missing > 0:
        those = f"{missing} of {len(set(names))} projects"
        what = f"project {names[0]} is" if len(names) == 1 else f"{those} are"
        raise S3PyPIError(f"{what} not in {where}; check the name and --prefix")
    if target.prefix and not names and not findings.objects:
        raise S3PyPIError(f"there is nothing below {where}/; check --bucket and --prefix")
