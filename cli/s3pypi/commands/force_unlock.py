"""`s3pypi force-unlock`."""

import argparse

from s3pypi.aws.clients import dynamodb_client
from s3pypi.aws.locks import LockTable
from s3pypi.command_line.output import Report


def run(args: argparse.Namespace, report: Report) -> None:
    """Release a lease and say whose it was.

    Raises:
        S3PyPIError: Nobody holds it, or the table cannot be written.
    """
    client = dynamodb_client(
        profile=args.profile, region=args.region, endpoint_url=args.endpoint_url
    )
    lease = LockTable(client, args.table).force_unlock(args.lock_id)
    since = lease.acquired.isoformat() if lease.acquired else "a time unknown"
    until = lease.expires.isoformat() if lease.expires else "a time unknown"
    report.line(f"released: {args.lock_id}, held by {lease.owner} from {since} until {until}")
