"""Translate the errors of requests to S3."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from botocore.exceptions import (  # noqa: TID251 - adapters translate them
    BotoCoreError,
    ClientError,
)

from lambda_indexer.errors import (
    ChangedError,
    ObjectMissingError,
    StorageError,
    UnreadableError,
)

T = TypeVar("T")

# GetObject and HeadObject use different codes for a missing key. A missing *bucket* is also a 404.
_MISSING: Final = {"NoSuchKey", "404"}
_CHANGED: Final = {"PreconditionFailed", "412", "ConditionalRequestConflict", "409"}
# Codes of objects that S3 refuses to return. Responses to HEAD have no body, hence only a status.
_CLIENTS_KEY: Final = "it may be encrypted with a key that only the client has (SSE-C)"
_REFUSED: Final = "S3 denies the index access to it: check its KMS key and the bucket's policy"
_UNREADABLE: Final = {
    "InvalidObjectState": "S3 keeps it in an archive storage class",
    "InvalidRequest": _CLIENTS_KEY,
    "400": _CLIENTS_KEY,
    "AccessDenied": _REFUSED,
    "403": _REFUSED,
}
_KMS: Final = "KMS."
# Codes of KMS for temporary failures, which are retried like those of S3.
_KMS_PASSING: Final = ("Throttl", "Internal", "Timeout", "Unavailable", "LimitExceeded")
_NO_ENCODINGS: Final = {"", "identity", "aws-chunked"}  # aws-chunked encodes uploads, not objects
_SHOWN: Final = 40  # characters of a client's text in an error message


def translated(what: str, call: Callable[[], T]) -> T:
    """Make a request.

    Args:
        what: What it does, for error messages.
        call: Makes it.

    Raises:
        ObjectMissingError: There is no such key.
        ChangedError: The object is not the version that the request names.
        StorageError: S3 refused or failed.
    """
    try:
        return call()
    except ClientError as error:
        code = code_of(error)
        message = f"S3 returned {code or 'an error'} while {what}: {error}"
        if code in _MISSING:
            raise ObjectMissingError(message) from error
        if code in _CHANGED:
            raise ChangedError(message) from error
        raise StorageError(message) from error
    except (BotoCoreError, OSError) as error:
        raise StorageError(f"S3 did not respond while {what}: {error}") from error


def translated_read(what: str, call: Callable[[], T]) -> T:
    """Make a request that reads one object; see `translated`.

    Raises:
        UnreadableError: S3 refuses to return this object, so that retries would not help.
    """
    try:
        return translated(what, call)
    except StorageError as error:
        code = code_of(error.__cause__)
        is_key = code.startswith(_KMS) and not any(each in code for each in _KMS_PASSING)
        reason = _REFUSED if is_key else _UNREADABLE.get(code)
        if reason is None:
            raise
        raise UnreadableError(reason, str(error), certain=reason != _REFUSED) from error


def check_plain(found: Mapping[str, Any]) -> None:
    """Raise `UnreadableError` if clients such as uv would decompress an object on download.

    https://www.rfc-editor.org/rfc/rfc9110#section-8.4
    """
    encoding = found.get("ContentEncoding", "")
    if {part.strip().lower() for part in encoding.split(",")} - _NO_ENCODINGS:
        raise UnreadableError(
            f"it is stored with Content-Encoding: {encoding[:_SHOWN]}, so installers would unpack"
            " it and get another file; upload it again without a Content-Encoding"
        )


def code_of(error: BaseException | None) -> str:
    """Return the code of S3's error, empty if it did not respond with one."""
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))
