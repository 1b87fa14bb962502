"""Clients of AWS."""

import logging
from typing import TYPE_CHECKING, Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.session import Session
from botocore.utils import determine_content_length

from s3pypi import __version__
from s3pypi.aws.errors import translated

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.client import BaseClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

AT_ONCE = 1024 * 1024
"""Up to this size, in bytes, an object is sent without `Expect: 100-continue`.

botocore asks with every body, however small; AWS's Go and Kotlin clients from 2 MB on.
"""

_CONFIG = Config(
    retries={"mode": "standard"},
    user_agent_extra=f"s3pypi/{__version__}",
    # Checksums are sent where they matter; a service that is not AWS's may know no others.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_log = logging.getLogger(__name__)
_INVOCATION = Config(
    # Lambda's own limit, and a little for the answer to arrive.
    read_timeout=900 + 10,
    # A retry would run the function a second time.
    retries={"mode": "standard", "total_max_attempts": 1},
    # Without it, routers drop a connection that is idle for minutes.
    tcp_keepalive=True,
)


def s3_client(
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
    sign: bool = True,
    connections: int = 10,
) -> "S3Client":
    """Return a client of S3.

    Args:
        profile: Of the AWS configuration; by default as AWS's tools find it.
        region: By default as AWS's tools find it.
        endpoint_url: Of a service that is not AWS's.
        sign: Whether requests carry credentials.
        connections: How many requests are made at the same time.

    Raises:
        AwsError: The configuration is invalid.
    """
    config = _CONFIG.merge(Config(max_pool_connections=connections))
    if not sign:
        config = config.merge(Config(signature_version=UNSIGNED))
    with translated("cannot use S3"):
        session = boto3.Session(profile_name=profile, region_name=region)
        client = session.client("s3", endpoint_url=endpoint_url, config=config)
        _trace(session, client)
    client.meta.events.register_last("before-call.s3", _send_at_once)
    client.meta.events.register("before-send.s3", _begin)
    return client


def _trace(session: boto3.Session, client: "BaseClient") -> None:
    """With `--verbose`, log where requests go and as whom, and then each request."""
    if not _log.isEnabledFor(logging.DEBUG):
        return
    meta = client.meta
    credentials = session.get_credentials()
    who = f"access key {credentials.access_key} ({credentials.method})" if credentials else "nobody"
    name = meta.service_model.service_name
    region = meta.region_name or "no region"
    _log.debug("%s: %s in %s as %s", name, meta.endpoint_url, region, who)

    def log(request: "AWSPreparedRequest", **_: object) -> None:
        _log.debug("%s %s", request.method, request.url.partition("?")[0])

    meta.events.register("before-send", log)


def _begin(request: "AWSPreparedRequest", **_: object) -> None:
    """Tell a body that it is sent from now on; it may have been read before, to sign it."""
    begin = getattr(request.body, "sending", None)
    if begin:
        begin()


def _send_at_once(params: dict[str, Any], **_: object) -> None:
    """Send a small body without `Expect: 100-continue`, which saves a round trip."""
    size = determine_content_length(params["body"])
    if size is not None and size <= AT_ONCE:
        params["headers"].pop("Expect", None)


def dynamodb_client(
    *, profile: str | None = None, region: str | None = None, endpoint_url: str | None = None
) -> "DynamoDBClient":
    """Return a client of DynamoDB; arguments and errors as for `s3_client`."""
    with translated("cannot use DynamoDB"):
        session = boto3.Session(profile_name=profile, region_name=region)
        client = session.client("dynamodb", endpoint_url=endpoint_url, config=_CONFIG)
        _trace(session, client)
        return client


def lambda_client(
    *, profile: str | None = None, region: str | None = None, endpoint_url: str | None = None
) -> "LambdaClient":
    """Return a client of Lambda that waits as long as a function can run, and never retries.

    Arguments and errors are as for `s3_client`.
    """
    config = _CONFIG.merge(_INVOCATION)
    with translated("cannot use Lambda"):
        session = boto3.Session(profile_name=profile, region_name=region)
        client = session.client("lambda", endpoint_url=endpoint_url, config=config)
        _trace(session, client)
        return client


def sts_client(
    *, profile: str | None = None, region: str | None = None, endpoint_url: str | None = None
) -> "STSClient":
    """Return a client of STS in a region, because the global endpoint issues no tokens.

    Arguments and errors are as for `s3_client`; the region is us-east-1 if none is configured.
    """
    with translated("cannot use STS"):
        core = Session(profile=profile)
        core.set_config_variable("sts_regional_endpoints", "regional")
        session = boto3.Session(botocore_session=core, region_name=region)
        return session.client(
            "sts",
            region_name=session.region_name or "us-east-1",
            endpoint_url=endpoint_url,
            config=_CONFIG,
        )
