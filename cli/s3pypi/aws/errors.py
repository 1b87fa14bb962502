"""Translate AWS errors into `s3pypi.errors`, by error code."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from s3pypi import errors

_MISSING = {"NoSuchKey", "NotFound", "404"}
_FORBIDDEN = {"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "Forbidden", "403"}
_SIGNED_BADLY = (
    "ExpiredToken ExpiredTokenException InvalidAccessKeyId InvalidClientTokenId "
    "InvalidSignatureException InvalidToken RequestExpired SignatureDoesNotMatch "
    "TokenRefreshRequired UnrecognizedClientException"
)
_ELSEWHERE = "301 AuthorizationHeaderMalformed IllegalLocationConstraintException PermanentRedirect"
_DAMAGED = "BadDigest IncompleteBody XAmzContentSHA256Mismatch"
_NOT_AWS = "the response is not from AWS or a compatible service; check --endpoint-url"
_ADVICE: dict[str, tuple[type[errors.AwsError], str]] = {
    **dict.fromkeys(
        _SIGNED_BADLY.split(),
        (errors.CredentialsError, "the credentials are invalid or expired; sign in again"),
    ),
    **dict.fromkeys(
        _ELSEWHERE.split(), (errors.SetupError, "it is in another region; set it with --region")
    ),
    **dict.fromkeys(
        _DAMAGED.split(),
        (
            errors.AwsError,
            "the content that arrived differs from the file that was checked; upload it again",
        ),
    ),
    "NoSuchBucket": (
        errors.SetupError,
        "there is no such bucket; check --bucket, --profile and --endpoint-url",
    ),
    "RequestTimeTooSkewed": (errors.SetupError, "this machine's clock is wrong"),
    "ResourceNotFoundException": (
        errors.AwsError,
        "there is no such table; check its name, --region and --profile",
    ),
}
_NOT_SIGNED_IN = (
    CredentialRetrievalError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)


@contextmanager
def translated(doing: str, permission: str | None = None) -> Iterator[None]:
    """Translate botocore's exceptions into an `AwsError` with a hint for the user.

    Args:
        doing: The start of the message, such as `cannot write s3://bucket/key`.
        permission: The required IAM action.

    Raises:
        AwsError: Or the subclass for the error code. The text of the error is not interpreted.
    """
    try:
        yield
    except ClientError as error:
        raise _refused(doing, permission, error) from error
    except NoCredentialsError as error:
        raise errors.CredentialsError(
            f"{doing}: no AWS credentials were found; sign in again"
        ) from error
    except _NOT_SIGNED_IN as error:
        raise errors.CredentialsError(f"{doing}: {error}") from error
    except NoRegionError as error:
        raise errors.SetupError(f"{doing}: no region is set; set one with --region") from error
    except (ResponseParserError, RecursionError, LookupError) as error:
        # After a redirect without a region, botocore recurses; a response without an ETag is a
        # web page.
        raise errors.SetupError(f"{doing}: {_NOT_AWS}") from error
    except ReadTimeoutError as error:
        hint = "the request timed out, but may still take effect"
        raise errors.UnavailableError(f"{doing}: {hint}") from error
    except (EndpointConnectionError, HTTPClientError) as error:
        hint = "check the network and the endpoint"
        raise errors.UnavailableError(f"{doing}: {error}; {hint}") from error
    except (BotoCoreError, OSError, ValueError) as error:
        raise errors.AwsError(f"{doing}: {error}") from error


def is_web_page(metadata: Mapping[str, Any]) -> bool:
    """Return whether a response is HTML, which AWS APIs never return."""
    return str(metadata.get("HTTPHeaders", {}).get("content-type")).startswith("text/html")


def _refused(doing: str, permission: str | None, error: ClientError) -> errors.AwsError:
    code = error.response["Error"].get("Code", "unknown")
    message = f"{doing}: {error.response['Error'].get('Message') or code}"
    known = {
        **dict.fromkeys(_MISSING, errors.MissingError(f"{doing}: it does not exist")),
        **dict.fromkeys(
            _FORBIDDEN, errors.ForbiddenError(f"{message}; the credentials need {permission}")
        ),
        **dict.fromkeys(
            ("ConditionalRequestConflict", "OperationAborted"),
            errors.ConflictError(f"{doing}: another client is writing it; try again"),
        ),
        # The answer to a HEAD has no body, and so no name of the error.
        **dict.fromkeys(
            ("PreconditionFailed", "412"), errors.ExistsError(f"{doing}: it already exists")
        ),
    }
    if is_web_page(error.response.get("ResponseMetadata", {})):
        return errors.SetupError(f"{doing}: {_NOT_AWS}")
    if code in _ADVICE:
        kind, advice = _ADVICE[code]
        return kind(f"{doing}: {advice} ({code})")
    return known.get(code) or errors.AwsError(f"{message} ({code})")
