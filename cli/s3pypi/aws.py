"""Clients of AWS, and the one translation of its errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from botocore import UNSIGNED
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import (  # noqa: TID251 - this is the adapters' translation
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
)
from botocore.session import Session
from botocore.utils import determine_content_length

from s3pypi import errors, version

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

_MISSING = {"NoSuchKey", "NotFound", "404"}
_FORBIDDEN = {"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "Forbidden", "403"}
_SIGN_IN = "sign in again, or check AWS_PROFILE, AWS_ACCESS_KEY_ID and --profile"
_CHANGED = "the content that arrived is not the one that was checked; upload it again"
_SIGNED_BADLY = (
    "ExpiredToken ExpiredTokenException InvalidAccessKeyId InvalidClientTokenId "
    "InvalidSignatureException InvalidToken RequestExpired SignatureDoesNotMatch "
    "TokenRefreshRequired UnrecognizedClientException"
)
_ELSEWHERE = "301 AuthorizationHeaderMalformed IllegalLocationConstraintException PermanentRedirect"
_DAMAGED = "BadDigest IncompleteBody XAmzContentSHA256Mismatch"
_ADVICE = {
    **dict.fromkeys(
        _SIGNED_BADLY.split(), f"the credentials are not valid, or not now; {_SIGN_IN}"
    ),
    **dict.fromkeys(_ELSEWHERE.split(), "it is in another region; say which with --region"),
    **dict.fromkeys(
        _DAMAGED.split(),
        "what arrived is not what was checked: the file has changed meanwhile, or was damaged on "
        "the way; upload it again",
    ),
    "NoSuchBucket": "there is no such bucket; check --bucket, --profile and --s3-endpoint-url",
    "RequestTimeTooSkewed": "this machine's clock is wrong",
    "ResourceNotFoundException": "there is no such table; check its name, --region and --profile",
}

AT_ONCE = 1024 * 1024
"""Up to this size, in bytes, an object is sent without `Expect: 100-continue`.

botocore asks with every body, however small; AWS's Go and Kotlin clients from 2 MB on.
"""

_CONFIG = Config(
    retries={"mode": "standard"},
    user_agent_extra=f"s3pypi/{version()}",
    # Checksums are sent where they matter; a service that is not AWS's may know no others.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_INVOCATION = Config(
    # Lambda's own limit, and a little for the answer to arrive.
    read_timeout=900 + 10,
    # What is asked for a second time is done a second time.
    retries={"mode": "standard", "total_max_attempts": 1},
    # Or what lies on the way forgets a connection on which nothing is said for minutes.
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
        AwsError: The configuration makes no sense.
    """
    config = _CONFIG.merge(Config(max_pool_connections=connections))
    if not sign:
        config = config.merge(Config(signature_version=UNSIGNED))
    client = _client("s3", "S3", config, profile, region, endpoint_url)
    client.meta.events.register_last("before-call.s3", _send_at_once)
    return cast("S3Client", client)


def _send_at_once(params: dict[str, Any], **_: object) -> None:
    """Send a small body without asking first whether it is wanted, which takes a round trip."""
    size = determine_content_length(params["body"])
    if size is not None and size <= AT_ONCE:
        params["headers"].pop("Expect", None)


def dynamodb_client(
    *, profile: str | None = None, region: str | None = None, endpoint_url: str | None = None
) -> "DynamoDBClient":
    """Return a client of DynamoDB; arguments and errors as for `s3_client`."""
    client = _client("dynamodb", "DynamoDB", _CONFIG, profile, region, endpoint_url)
    return cast("DynamoDBClient", client)


def lambda_client(
    *, profile: str | None = None, region: str | None = None, endpoint_url: str | None = None
) -> "LambdaClient":
    """Return a client of Lambda that waits for a function as long as it may run, and never retries.

    Arguments and errors are as for `s3_client`.
    """
    config = _CONFIG.merge(_INVOCATION)
    return cast("LambdaClient", _client("lambda", "Lambda", config, profile, region, endpoint_url))


def _client(  # noqa: PLR0917 - all of what makes a client
    service: str,
    name: str,
    config: Config,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
) -> BaseClient:
    """Make a client as boto3 would, without importing what boto3 has besides."""
    with translated(f"cannot use {name}"):
        return Session(profile=profile).create_client(
            service, region_name=region, endpoint_url=endpoint_url, config=config
        )


@contextmanager
def translated(doing: str, permission: str | None = None) -> Iterator[None]:
    """Turn what botocore raises into an `AwsError` that a user can act on.

    Args:
        doing: What fails in that case, for example `cannot write s3://bucket/key`.
        permission: The IAM action that it takes.

    Raises:
        AwsError: With the subclass that the error's code, never its text, calls for.
    """
    try:
        yield
    except ClientError as error:
        raise _refused(doing, permission, error) from error
    except NoCredentialsError as error:
        raise errors.AwsError(f"{doing}: no AWS credentials were found; {_SIGN_IN}") from error
    except NoRegionError as error:
        raise errors.AwsError(f"{doing}: no region is set; say which with --region") from error
    except ReadTimeoutError as error:
        hint = "no answer came in time; what was asked for may be done all the same"
        raise errors.UnavailableError(f"{doing}: {hint}") from error
    except (EndpointConnectionError, HTTPClientError) as error:
        hint = "check the network and the endpoint"
        raise errors.UnavailableError(f"{doing}: {error}; {hint}") from error
    except (BotoCoreError, OSError, ValueError) as error:
        raise errors.AwsError(f"{doing}: {error}") from error


def _refused(doing: str, permission: str | None, error: ClientError) -> errors.AwsError:
    code = error.response["Error"].get("Code", "unknown")
    said = f"{doing}: {error.response['Error'].get('Message') or code}"
    if code in _MISSING:
        return errors.MissingError(f"{doing}: it is not there")
    if code in _FORBIDDEN:
        return errors.ForbiddenError(f"{said}; the credentials need {permission}")
    if code == "PreconditionFailed":
        return errors.ExistsError(f"{doing}: it exists")
    if code in {"ConditionalRequestConflict", "OperationAborted"}:
        return errors.ConflictError(f"{doing}: somebody else is writing it; try again")
    if code in _ADVICE:
        return errors.AwsError(f"{doing}: {_ADVICE[code]} ({code})")
    return errors.AwsError(f"{said} ({code})")
