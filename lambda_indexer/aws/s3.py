"""The object store of the indexer in S3, which translates botocore's errors."""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import (  # noqa: TID251 - adapters translate them
    BotoCoreError,
    ClientError,
)

from lambda_indexer.aws.copying import copy, quoted
from lambda_indexer.aws.expect_continue import SENDING_EVENT, send_at_once
from lambda_indexer.aws.listing import (
    EVERY,
    LISTING_EVENT,
    Answer,
    list_in_parts,
    objects_in,
    read_contents,
)
from lambda_indexer.errors import (
    ChangedError,
    ObjectMissingError,
    StorageError,
    UnreadableError,
)
from lambda_indexer.model import ETag, Sha256, StoredObject
from lambda_indexer.ports import Parallel, PutOptions

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

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


class S3Storage:
    """An implementation of `ports.Storage` with a client of S3.

    Args:
        client: The client of S3.
        put_args: Additional parameters of PutObject.
        parallel: Calls a function for several values concurrently, like `map`.
    """

    def __init__(
        self,
        client: "S3Client",
        put_args: Mapping[str, str | bool] | None = None,
        parallel: Parallel = map,
    ) -> None:
        self._s3 = client
        self._put_args: dict[str, Any] = dict(put_args or {})
        self._parallel = parallel
        client.meta.events.register(LISTING_EVENT, read_contents)
        client.meta.events.register_last(SENDING_EVENT, send_at_once)

    def close(self) -> None:
        """Close the connections."""
        self._s3.close()

    def list(
        self, bucket: str, prefix: str, known: Callable[[], Iterable[str]] | None = None
    ) -> Sequence[StoredObject]:
        """See `ports.Storage`. Sends one request per thousand objects."""
        where = {"Bucket": bucket, "Prefix": prefix, "Delimiter": "/"}

        def answers(after: str) -> Iterator[Answer]:
            return self._listed(**where, **({"StartAfter": after} if after else {}))

        return self._call(
            f"listing {bucket}/{prefix}",
            lambda: list_in_parts(answers, known, self._parallel, EVERY),
        )

    def directories(self, bucket: str, path: str) -> Iterator[str]:
        """See `ports.Storage`. Sends one request per thousand directories and objects."""
        where = {"Bucket": bucket, "Prefix": path, "Delimiter": "/"}
        while True:
            answer = self._call(
                f"listing {bucket}/{path}",
                lambda: self._s3.list_objects_v2(**where),  # type: ignore[arg-type]
            )
            for common in answer.get("CommonPrefixes", []):
                yield common["Prefix"]
            if not answer["IsTruncated"]:
                return
            where["ContinuationToken"] = answer["NextContinuationToken"]

    def walk(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """See `ports.Storage`. Sends one request per thousand objects."""
        answers = self._listed(Bucket=bucket, Prefix=prefix)
        while answer := self._call(f"listing {bucket}/{prefix}", lambda: next(answers, None)):
            yield from answer[0]

    def _listed(self, **where: str) -> Iterator[Answer]:
        # botocore's paginator would load the descriptions of all services first, which is slow.
        # With an explicit encoding, botocore does not decode keys, and hardly any needs decoding.
        while True:
            answer = self._s3.list_objects_v2(EncodingType="url", **where)  # type: ignore[arg-type]
            yield objects_in(answer.get("Contents", [])), answer["IsTruncated"]
            if not answer["IsTruncated"]:
                return
            where["ContinuationToken"] = answer["NextContinuationToken"]

    def head(self, bucket: str, key: str) -> StoredObject:
        """See `ports.Storage`."""
        found = self._read(
            f"looking at {bucket}/{key}", lambda: self._s3.head_object(Bucket=bucket, Key=key)
        )
        return StoredObject(
            key, _etag(found["ETag"]), found["ContentLength"], found["LastModified"].astimezone(UTC)
        )

    def sha256(self, bucket: str, key: str, if_match: ETag) -> Sha256 | None:
        """See `ports.Storage`. A composite checksum of parts is not a digest of the object.

        Returns None also if S3 refuses the HEAD request: without a body, the response does not tell
        whether KMS is throttling or denies access. The GET request that follows gets the reason.
        """
        try:
            found = self._call(
                f"looking at {bucket}/{key}",
                lambda: self._s3.head_object(
                    Bucket=bucket, Key=key, IfMatch=quoted(if_match), ChecksumMode="ENABLED"
                ),
            )
        except StorageError as error:
            if _code(error.__cause__) not in {"400", "403"}:
                raise
            return None
        _check_plain(found)
        checksum = found.get("ChecksumSHA256", "")
        if found.get("ChecksumType") == "COMPOSITE" or not checksum or "-" in checksum:
            return None
        return Sha256(base64.b64decode(checksum).hex())

    def get(
        self, bucket: str, key: str, if_match: ETag | None = None, *, plain: bool = False
    ) -> tuple[bytes, ETag]:
        """See `ports.Storage`."""

        def whole() -> tuple[bytes, ETag]:
            condition: dict[str, Any] = {"IfMatch": quoted(if_match)} if if_match else {}
            found = self._s3.get_object(Bucket=bucket, Key=key, **condition)
            with found["Body"] as body:
                if plain:
                    _check_plain(found)
                return body.read(), _etag(found["ETag"])

        return self._read(f"reading {bucket}/{key}", whole)

    def get_range(self, bucket: str, key: str, start: int, end: int, if_match: ETag) -> bytes:
        """See `ports.Storage`."""

        def part() -> bytes:
            found = self._s3.get_object(
                Bucket=bucket, Key=key, IfMatch=quoted(if_match), Range=f"bytes={start}-{end - 1}"
            )
            with found["Body"] as body:
                _check_plain(found)
                return body.read()

        return self._read(f"reading {bucket}/{key}", part)

    def put(
        self, bucket: str, key: str, body: bytes, options: PutOptions, if_match: ETag | None
    ) -> ETag:
        """See `ports.Storage`. S3 responds with 404 if the object to replace has been deleted."""
        condition: dict[str, Any] = (
            {"IfMatch": quoted(if_match)} if if_match else {"IfNoneMatch": "*"}
        )
        try:
            answer = self._call(
                f"writing {bucket}/{key}",
                lambda: self._s3.put_object(
                    Bucket=bucket,
                    Key=key,
                    Body=body,
                    ContentType=options.content_type,
                    CacheControl=options.cache_control,
                    **self._put_args,
                    **condition,
                ),
            )
        except ObjectMissingError as error:
            raise ChangedError(str(error)) from error
        return _etag(answer["ETag"])

    def delete(self, bucket: str, key: str, if_match: ETag) -> None:
        """See `ports.Storage`."""
        try:
            self._call(
                f"deleting {bucket}/{key}",
                lambda: self._s3.delete_object(Bucket=bucket, Key=key, IfMatch=quoted(if_match)),
            )
        except ObjectMissingError:
            return

    def move(self, bucket: str, source: StoredObject, target: str) -> None:
        """See `ports.Storage`."""
        self._call(
            f"copying {bucket}/{source.key} to {target}",
            lambda: copy(self._s3, bucket, source, target),
        )
        self.delete(bucket, source.key, source.etag)

    def _read(self, what: str, call: Callable[[], T]) -> T:
        """Make a request for one object; raises `UnreadableError` if retries would not help."""
        try:
            return self._call(what, call)
        except StorageError as error:
            code = _code(error.__cause__)
            is_key = code.startswith(_KMS) and not any(each in code for each in _KMS_PASSING)
            reason = _REFUSED if is_key else _UNREADABLE.get(code)
            if reason is None:
                raise
            raise UnreadableError(reason, str(error), certain=reason != _REFUSED) from error

    @staticmethod
    def _call(what: str, call: Callable[[], T]) -> T:
        try:
            return call()
        except ClientError as error:
            code = _code(error)
            message = f"S3 returned {code or 'an error'} while {what}: {error}"
            if code in _MISSING:
                raise ObjectMissingError(message) from error
            if code in _CHANGED:
                raise ChangedError(message) from error
            raise StorageError(message) from error
        except (BotoCoreError, OSError) as error:
            raise StorageError(f"S3 did not respond while {what}: {error}") from error


def _check_plain(found: Mapping[str, Any]) -> None:
    """Raise `UnreadableError` if clients such as uv would decompress an object on download.

    https://www.rfc-editor.org/rfc/rfc9110#section-8.4
    """
    encoding = found.get("ContentEncoding", "")
    if {part.strip().lower() for part in encoding.split(",")} - _NO_ENCODINGS:
        raise UnreadableError(
            f"it is stored with Content-Encoding: {encoding[:_SHOWN]}, so installers would unpack"
            " it and get another file; upload it again without a Content-Encoding"
        )


def _code(error: BaseException | None) -> str:
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))


def _etag(quoted: str) -> ETag:
    return ETag(quoted.strip('"'))
