"""What a look at an index has found, for the user."""

from s3pypi.command_line.output import Report, printable
from s3pypi.indexer.client import Findings


def tell(findings: Findings, report: Report, *, quiet: bool = False) -> str:
    """Print the differences, a line each, and return the summary.

    Args:
        findings: Of the indexer.
        report: Where to print.
        quiet: Whether only the summary is asked for.
    """
    if not quiet:
        for each in findings.differences:
            report.line(printable(f"{each.place}: {each.what}"))
    shown = len(findings.differences)
    summary = (
        f"{counted(findings.count, 'difference')} in {counted(findings.projects, 'project')}, "
        f"{counted(findings.objects, 'object')}"
    )
    return summary + (f"; only the first {shown:,} are shown" if shown < findings.count else "")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 project`, `2,000 projects`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
