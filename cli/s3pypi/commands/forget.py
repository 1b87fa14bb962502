"""`s3pypi forget`."""

from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, pass_report
from s3pypi.command_line.confirmation import confirm, yes_option
from s3pypi.command_line.options import name_argument, output_options
from s3pypi.command_line.output import Report
from s3pypi.command_line.target_options import indexer_options
from s3pypi.command_line.targets import IndexerTarget

if TYPE_CHECKING:
    from packaging.utils import NormalizedName


@click.command("forget", cls=Command)
@name_argument
@indexer_options
@yes_option
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
        f"installers that request {name} will get the package of that name from the upstream, even"
        " if somebody else publishes it."
    )
    if not yes:
        confirm(report, f"Give up {name}?")
    if not indexer.forget(name):
        raise S3PyPIError(f"{name} still has files; delete them first, then run this again")
    report.document({"forgotten": name})
    if not report.json:
        report.line(f"forgotten: {name}")
