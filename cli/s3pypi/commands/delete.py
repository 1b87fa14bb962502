"""`s3pypi delete`."""

import argparse

from s3pypi.command_line.connections import open_bucket
from s3pypi.command_line.output import Report
from s3pypi.projects.deletion import Deleter


def run(args: argparse.Namespace, report: Report) -> None:
    """Delete every file of a version and say which.

    Raises:
        S3PyPIError: There is none, or not all could be deleted.
    """
    deleter = Deleter(open_bucket(args), args.prefix or "")
    keys = deleter.find(args.name, args.release)
    if args.dry_run:
        for key in keys:
            report.line(f"would delete: s3://{args.bucket}/{key}")
    else:
        deleter.delete(keys, lambda key: report.line(f"deleted: s3://{args.bucket}/{key}"))
