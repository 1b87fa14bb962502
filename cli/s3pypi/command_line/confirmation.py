"""Ask for confirmation before something is deleted."""

import sys
from collections.abc import Sequence

import click

from s3pypi.command_line.command import option
from s3pypi.command_line.output import Report, printable
from s3pypi.errors import S3PyPIError, UsageError

yes_option = option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")


def confirm(
    report: Report, question: str, objects: Sequence[str] = (), *, required: bool = True
) -> None:
    """List the objects and ask for confirmation, if there is a terminal.

    Args:
        report: The output.
        question: The question.
        objects: The URLs of the objects that will be deleted.
        required: Whether to fail without a terminal.

    Raises:
        UsageError: There is no terminal, and `required` is true.
        S3PyPIError: The user declined.
    """
    if not (sys.stdin and sys.stdin.isatty()):
        if required:
            raise UsageError(f"{question} There is no terminal to ask on; pass --yes to continue")
        return
    for each in objects:
        report.note(printable(each))
    with report.paused():
        agreed = click.confirm(question, err=True)
    if not agreed:
        raise S3PyPIError("nothing was changed")
