"""Ask for confirmation before objects are deleted."""

import sys
from collections.abc import Sequence

import click

from s3pypi.command_line.output import Report, counted, printable
from s3pypi.errors import S3PyPIError, UsageError


def confirm(report: Report, verb: str, urls: Sequence[str], *, required: bool) -> None:
    """List the objects and ask for confirmation, if there is a terminal.

    Args:
        report: The output.
        verb: The action, capitalised.
        urls: The URLs of the objects.
        required: Whether to fail without a terminal.

    Raises:
        UsageError: There is no terminal, and `required` is true.
        S3PyPIError: The user declined.
    """
    if not (sys.stdin and sys.stdin.isatty()):
        if required:
            raise UsageError(
                f"{verb.lower()} {counted(len(urls), 'object')}? There is no terminal to ask on; "
                "pass --yes to continue, or --dry-run to preview"
            )
        return
    for url in urls:
        report.note(printable(url))
    with report.asking():
        agreed = click.confirm(f"{verb} {counted(len(urls), 'object')}?", err=True)
    if not agreed:
        raise S3PyPIError("nothing was changed")
