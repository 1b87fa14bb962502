"""`s3pypi verify`."""

import argparse
import json

from s3pypi.command_line.connections import open_indexer
from s3pypi.command_line.findings import tell
from s3pypi.command_line.output import Report
from s3pypi.errors import S3PyPIError


def run(args: argparse.Namespace, report: Report) -> None:
    """Print what is not right with the index; change nothing.

    Raises:
        S3PyPIError: Anything is not right, or the function cannot be asked.
    """
    findings = open_indexer(args).verify(args.names)
    if args.json:
        report.line(json.dumps(findings.answer, indent=2))
    summary = tell(findings, report, quiet=bool(args.json))
    if findings.count:
        raise S3PyPIError(f"{summary}; `s3pypi rebuild` regenerates the pages")
    report.note(summary)
