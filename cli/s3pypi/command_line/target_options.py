"""The options that name a command's target: an account, an index in a bucket, or an indexer."""

import functools
from collections.abc import Callable
from typing import Any

from s3pypi.command_line.command import combined, option
from s3pypi.command_line.deployment import function_name
from s3pypi.command_line.parameters import BUCKET, PREFIX, PUT_ARGS, REQUIRED
from s3pypi.command_line.targets import Account, BucketTarget, IndexerTarget

_account = combined(
    option("--profile", metavar="NAME", help="The profile in the AWS configuration."),
    option("--region", metavar="REGION", help="The AWS region."),
)
_prefix = option(
    "--prefix", type=PREFIX, metavar="PREFIX", help="The index's prefix in the bucket."
)
_index = combined(
    option("-b", "--bucket", type=BUCKET, required=True, help="The S3 bucket.", metavar="NAME"),
    _prefix,
)
_endpoint = option("--endpoint-url", metavar="URL", help="Use this URL instead of AWS's.")
_sign = option("--no-sign-request", is_flag=True, help="Send no credentials.")
_s3_endpoint = option(
    "--endpoint-url",
    old=["--s3-endpoint-url"],
    metavar="URL",
    help="Use an S3-compatible service at this URL.",
)
_function = option(
    "--function",
    type=REQUIRED,
    metavar="NAME",
    help="The name or ARN of the indexer's Lambda function. "
    "Default: the name that Terraform gives it.",
)


def account_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for an AWS account, and pass them as `account`."""

    @functools.wraps(command)
    def with_account(
        *args: Any, profile: str | None, region: str | None, endpoint_url: str | None, **others: Any
    ) -> Any:
        return command(*args, account=Account(profile, region, endpoint_url), **others)

    return combined(_account, _endpoint)(with_account)


def lock_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for the lock table, and pass the AWS account as `account`."""
    bucket = option("-b", "--bucket", type=BUCKET, help="The S3 bucket.", metavar="NAME")
    table = option(
        "--table",
        metavar="NAME",
        help="The DynamoDB table of the locks. Default: the name that Terraform gives it.",
    )
    return combined(bucket, _prefix, table)(account_options(command))


def bucket_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for an index in a bucket to put objects in, and pass them as `target`."""
    return _bucket_options(command, "ServerSideEncryption=aws:kms,SSEKMSKeyId=alias/pypi")


def existing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for an index to read or delete objects in, and pass them as `target`."""
    return _bucket_options(command, "RequestPayer=requester")


def _bucket_options(command: Callable[..., Any], example: str) -> Callable[..., Any]:
    put_args = option(
        "--s3-put-args",
        type=PUT_ARGS,
        metavar="K=V,...",
        help=f"More parameters of S3 requests, such as {example}.",
    )

    @functools.wraps(command)
    def with_target(
        *args: Any,
        bucket: str,
        prefix: str | None,
        profile: str | None,
        region: str | None,
        no_sign_request: bool,
        endpoint_url: str | None,
        s3_put_args: dict[str, str | int | bool] | None,
        **others: Any,
    ) -> Any:
        target = BucketTarget(
            account=Account(profile, region, endpoint_url),
            bucket=bucket,
            prefix=prefix or "",
            sign=not no_sign_request,
            put_args=s3_put_args or {},
        )
        return command(*args, target=target, **others)

    return combined(_index, _account, _sign, _s3_endpoint, put_args)(with_target)


def indexer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for an indexer, and pass them as `target`."""

    @functools.wraps(command)
    def with_target(
        *args: Any,
        function: str | None,
        bucket: str,
        prefix: str | None,
        profile: str | None,
        region: str | None,
        endpoint_url: str | None,
        **others: Any,
    ) -> Any:
        account = Account(profile, region, endpoint_url)
        target = IndexerTarget(account, function or function_name(bucket), bucket, prefix or "")
        return command(*args, target=target, **others)

    return combined(_function, _index, _account, _endpoint)(with_target)
