"""Create AWS clients."""

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

botocore sends that header with every body; the AWS SDKs for Go and Kotlin from 2 MB on.
"""

_CONFIG = Config(
    retries={"mode": "standard"},
    # Without it, botocore composes one twice for each request, which takes a third of the
    # processor time of a small request, apart from sending it.
    user_agent=f"s3pypi/{__version__} Boto3/{boto3.__version__}",
    # The command sends checksums where they matter; compatible services may not support others.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_log = logging.getLogger(__name__)
_INVOCATION = Config(
    # Lambda's limit, plus time for the response to arrive.
    read_timeout=900 + 10,
    # A retry would run the function a second time.
    retries={"mode": "standard", "total_max_attempts": 1},
    # Routers may drop connections that are idle for minutes.
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
    """Return an S3 client.

    Args:
        profile: The profile in the AWS configuration; by default, as for other AWS tools.
        region: The region; by default, as for other AWS tools.
        endpoint_url: The URL of an S3-compatible service.
        sign: Whether to send credentials.
        connections: The maximum number of concurrent requests.

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
    """Log the endpoint, the identity and each request, for `--verbose`."""
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
    """Notify a body before it is sent; botocore may have read it already, to sign the request."""
    start = getattr(request.body, "start_sending", None)
    if start:
        start()


def _send_at_once(params: dict[str, Any], **_: object) -> None:
    """Send small bodies without `Expect: 100-continue`, which saves a round trip."""
    size = determine_content_length(params["body"])
    if size is not None and size <= AT_ONCE:
        params["headers"].pop("Expect", None)


def dynamodb_client(
    *, profile: str | None = None, region: str | None = None, endpoint_url: str | None = None
) -> "DynamoDBClient":
    """Return a DynamoDB client; arguments and errors are as for `s3_client`."""
    with translated("cannot use DynamoDB"):
        session = boto3.Session(profile_name=profile, region_name=region)
        client = session.client("dynamodb", endpoint_url=endpoint_url, config=_CONFIG)
        _trace(session, client)
        return client


def lambda_client(
    *, profile: str | None = None, region: str | None = None, endpoint_url: str | None = None
) -> "LambdaClient":
    """Return a Lambda client that waits as long as a function can run, and never retries.

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
    """Return an STS client for a region, because the global endpoint does not issue tokens.

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
