"""Asking before something is deleted."""

import sys
from collections.abc import Sequence

import click

from s3pypi.command_line.output import Report, counted, printable
from s3pypi.errors import S3PyPIError, UsageError


def confirm(report: Report, verb: str, urls: Sequence[str], *, required: bool) -> None:
    """Ask whether to go on, on a terminal.

    Args:
        report: Where to list the objects.
        verb: What is about to be done, with a capital letter.
        urls: The objects that it is done to.
        required: Whether it is an error that there is no terminal to ask on.

    Raises:
        UsageError: There is none.
        S3PyPIError: The answer is no.
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
    if not click.confirm(f"{verb} {counted(len(urls), 'object')}?", err=True):
        raise S3PyPIError("nothing was changed")
