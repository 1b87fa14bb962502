"""What the indexer found, for the user."""

from s3pypi.command_line.output import Report, printable
from s3pypi.indexer.client import Findings


def print_differences(findings: Findings, report: Report) -> None:
    """Print the differences, a line each."""
    for each in findings.differences:
        report.line(printable(f"{each.place}: {each.what}"))


def summary_of(findings: Findings) -> str:
    """Return the counts: `2 differences in 3 projects, 70 objects`."""
    shown = len(findings.differences)
    summary = (
        f"{counted(findings.count, 'difference')} in {counted(findings.projects, 'project')}, "
        f"{counted(findings.objects, 'object')}"
    )
    return summary + (f"; only the first {shown:,} are shown" if shown < findings.count else "")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 project`, `2,000 projects`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
