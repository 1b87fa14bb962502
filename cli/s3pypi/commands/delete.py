"""`s3pypi delete`."""

import argparse

from s3pypi.aws import s3_client
from s3pypi.deleting import Deleter
from s3pypi.reporting import Report
from s3pypi.storage import S3Bucket


def run(args: argparse.Namespace, report: Report) -> None:
    """Delete every file of a version and say which.

    Raises:
        S3PyPIError: There is none, or not all could be deleted.
    """
    client = s3_client(
        profile=args.profile,
        region=args.region,
        endpoint_url=args.s3_endpoint_url,
        sign=not args.no_sign_request,
    )
    deleter = Deleter(S3Bucket(client, args.bucket, args.s3_put_args), args.prefix or "")
    keys = deleter.find(args.name, args.release)
    if args.dry_run:
        for key in keys:
            report.line(f"would delete: s3://{args.bucket}/{key}")
    else:
        deleter.delete(keys, lambda key: report.line(f"deleted: s3://{args.bucket}/{key}"))
