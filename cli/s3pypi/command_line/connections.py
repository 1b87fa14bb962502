"""The bucket, or its indexer, that a command line asks for."""

import argparse

from s3pypi.aws.bucket import S3Bucket
from s3pypi.aws.clients import lambda_client, s3_client
from s3pypi.aws.function import LambdaFunction
from s3pypi.bucket import Bucket
from s3pypi.indexer.client import Indexer


def open_bucket(args: argparse.Namespace, *, connections: int = 10) -> Bucket:
    """Return the bucket of the options that all commands have; no request is made.

    Args:
        args: From `arguments.parse`.
        connections: How many requests are made at the same time.

    Raises:
        AwsError: The options make no sense.
    """
    client = s3_client(
        profile=args.profile,
        region=args.region,
        endpoint_url=args.s3_endpoint_url,
        sign=not args.no_sign_request,
        connections=connections,
    )
    return S3Bucket(client, args.bucket, args.s3_put_args)


def open_indexer(args: argparse.Namespace) -> Indexer:
    """Return the indexer of the options that `verify` and `rebuild` have; no request is made.

    Args:
        args: From `arguments.parse`.

    Raises:
        AwsError: The options make no sense.
    """
    client = lambda_client(profile=args.profile, region=args.region, endpoint_url=args.endpoint_url)
    return Indexer(LambdaFunction(client, args.function).ask, args.bucket, args.prefix or "")
