"""`s3pypi forget`."""

from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, option, pass_report
from s3pypi.command_line.options import name_argument, output_options
from s3pypi.command_line.output import Report
from s3pypi.command_line.target_options import indexer_options
from s3pypi.command_line.targets import IndexerTarget

if TYPE_CHECKING:
    from packaging.utils import NormalizedName


@click.command("forget", cls=Command)
@name_argument
@indexer_options
@option("--yes", is_flag=True, help="Do not ask for confirmation.")
@output_options
@pass_report
def command(report: Report, target: IndexerTarget, *, name: "NormalizedName", yes: bool) -> None:
    """Give up the name of a project that has no files.

    While an upstream is set, a project without files keeps an empty page, so that installers do not
    take a package of the same name from the upstream. This command removes that page. Installers
    that ask for NAME are then redirected to the upstream, unless NAME is one of the private names.

    Delete the project's files first. The command only needs the permission lambda:InvokeFunction.

    \b
    Example:
      s3pypi forget my-package --function s3pypi-indexer --bucket my-bucket
    """
    from s3pypi.errors import S3PyPIError

    indexer = target.open()
    report.warn(
        f"installers that ask for {name} will get the package of that name from the upstream,"
        " whoever publishes it there."
    )
    with report.asking():
        agreed = yes or _confirmed(name)
    if not agreed:
        raise S3PyPIError("nothing was changed")
    if not indexer.forget(name):
        raise S3PyPIError(f"{name} still has files; delete them first, then run this again")
    report.document({"forgotten": name})
    if not report.json:
        report.line(f"forgotten: {name}")


def _confirmed(name: str) -> bool:
    """Ask for confirmation, which requires a terminal."""
    import sys

    from s3pypi.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask for confirmation; use --yes")
    try:
        return click.confirm(f"Give up {name}?", err=True)
    except click.Abort as error:
        raise KeyboardInterrupt from error
