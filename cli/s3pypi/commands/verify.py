"""`s3pypi verify`."""

from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, option, pass_report
from s3pypi.command_line.options import indexer_options, names_argument, verbose_option
from s3pypi.command_line.output import Report
from s3pypi.command_line.targets import IndexerTarget

if TYPE_CHECKING:
    from packaging.utils import NormalizedName


@click.command("verify", cls=Command)
@names_argument
@indexer_options
@option("--json", is_flag=True, help="Print the indexer's answer as JSON.")
@verbose_option
@pass_report
def command(
    report: Report, target: IndexerTarget, *, names: tuple["NormalizedName", ...], json: bool
) -> None:
    """Compare the index with the files in the bucket.

    The indexer compares its pages with the bucket, and the command prints each difference. Nothing
    is changed. NAME limits this to projects; by default, all projects of the index and of the
    indexes below its prefix are compared.

    The exit code is 1 if there are differences. The command only needs the permission
    lambda:InvokeFunction.

    \b
    Example:
      s3pypi verify --function s3pypi-indexer --bucket my-bucket
    """
    from json import dumps

    from s3pypi.command_line.findings import print_differences, summary_of
    from s3pypi.errors import S3PyPIError

    findings = target.open().verify(names)
    if json:
        report.line(dumps(findings.answer, indent=2))
    else:
        print_differences(findings, report)
    summary = summary_of(findings)
    if findings.count:
        raise S3PyPIError(f"{summary}; `s3pypi rebuild` regenerates the pages")
    report.note(summary)
