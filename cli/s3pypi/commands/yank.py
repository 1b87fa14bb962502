"""`s3pypi yank`."""

import argparse

from s3pypi.command_line.connections import open_bucket
from s3pypi.command_line.output import Report
from s3pypi.projects.yanking import Yanker


def run(args: argparse.Namespace, report: Report) -> None:
    """Yank the files of a version and say which.

    Raises:
        S3PyPIError: There is none, or not all could be yanked.
    """
    yanker = Yanker(open_bucket(args), args.prefix or "")
    keys = yanker.find(args.name, args.release, args.filenames or ())
    if args.dry_run:
        for key in keys:
            report.line(f"would yank: s3://{args.bucket}/{key}")
    else:
        reason = args.reason or ""
        yanker.yank(keys, reason, lambda key: report.line(f"yanked: s3://{args.bucket}/{key}"))
