"""AWS's errors, translated into those of this command by their code."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
)

from s3pypi import errors

_MISSING = {"NoSuchKey", "NotFound", "404"}
_FORBIDDEN = {"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "Forbidden", "403"}
_SIGN_IN = "sign in again, or check AWS_PROFILE, AWS_ACCESS_KEY_ID and --profile"
_SIGNED_BADLY = (
    "ExpiredToken ExpiredTokenException InvalidAccessKeyId InvalidClientTokenId "
    "InvalidSignatureException InvalidToken RequestExpired SignatureDoesNotMatch "
    "TokenRefreshRequired UnrecognizedClientException"
)
_ELSEWHERE = "301 AuthorizationHeaderMalformed IllegalLocationConstraintException PermanentRedirect"
_DAMAGED = "BadDigest IncompleteBody XAmzContentSHA256Mismatch"
_ADVICE = {
    **dict.fromkeys(_SIGNED_BADLY.split(), f"the credentials are invalid or expired; {_SIGN_IN}"),
    **dict.fromkeys(_ELSEWHERE.split(), "it is in another region; set it with --region"),
    **dict.fromkeys(
        _DAMAGED.split(),
        "the content that arrived differs from the file that was checked; upload it again",
    ),
    "NoSuchBucket": "there is no such bucket; check --bucket, --profile and --s3-endpoint-url",
    "RequestTimeTooSkewed": "this machine's clock is wrong",
    "ResourceNotFoundException": "there is no such table; check its name, --region and --profile",
}


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
        raise errors.AwsError(f"{doing}: no region is set; set one with --region") from error
    except ReadTimeoutError as error:
        hint = "the request timed out, but may still take effect"
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
        return errors.MissingError(f"{doing}: it does not exist")
    if code in _FORBIDDEN:
        return errors.ForbiddenError(f"{said}; the credentials need {permission}")
    if code == "PreconditionFailed":
        return errors.ExistsError(f"{doing}: it already exists")
    if code in {"ConditionalRequestConflict", "OperationAborted"}:
        return errors.ConflictError(f"{doing}: another client is writing it; try again")
    if code in _ADVICE:
        return errors.AwsError(f"{doing}: {_ADVICE[code]} ({code})")
    return errors.AwsError(f"{said} ({code})")
