"""`s3pypi verify`."""

from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, pass_report
from s3pypi.command_line.options import names_argument, output_options
from s3pypi.command_line.output import Report
from s3pypi.command_line.target_options import indexer_options
from s3pypi.command_line.targets import IndexerTarget

if TYPE_CHECKING:
    from packaging.utils import NormalizedName


@click.command("verify", cls=Command)
@names_argument
@indexer_options
@output_options
@pass_report
def command(report: Report, target: IndexerTarget, *, names: tuple["NormalizedName", ...]) -> None:
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
    from s3pypi.command_line.findings import check_found, print_differences, summary_of
    from s3pypi.errors import S3PyPIError

    with report.waiting("comparing the index with the bucket"):
        findings = target.open().verify(names)
    report.document(findings.answer)
    print_differences(findings, report)
    check_found(findings, target, names)
    summary = summary_of(findings)
    if findings.count:
        raise S3PyPIError(f"{summary}; `s3pypi rebuild` regenerates the pages")
    report.note(summary)
