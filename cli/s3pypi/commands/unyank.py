"""`s3pypi unyank`."""

import argparse

from s3pypi.command_line.connections import open_bucket
from s3pypi.command_line.output import Report
from s3pypi.projects.yanking import Yanker


def run(args: argparse.Namespace, report: Report) -> None:
    """Take back that files of a version are yanked, and say which.

    Raises:
        S3PyPIError: None is yanked, or not all could be unyanked.
    """
    yanker = Yanker(open_bucket(args), args.prefix or "")
    keys = yanker.find_yanked(args.name, args.release, args.filenames or ())
    if args.dry_run:
        for key in keys:
            report.line(f"would unyank: s3://{args.bucket}/{key}")
    else:
        yanker.unyank(keys, lambda key: report.line(f"unyanked: s3://{args.bucket}/{key}"))
