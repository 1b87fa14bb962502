"""The object store of the indexer in S3."""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

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
from lambda_indexer.aws.s3_errors import check_plain, code_of, translated, translated_read
from lambda_indexer.errors import ChangedError, ObjectMissingError, StorageError
from lambda_indexer.model import ETag, Sha256, StoredObject
from lambda_indexer.ports import Parallel, PutOptions

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


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

        return translated(
            f"listing {bucket}/{prefix}",
            lambda: list_in_parts(answers, known, self._parallel, EVERY),
        )

    def directories(self, bucket: str, path: str) -> Iterator[str]:
        """See `ports.Storage`. Sends one request per thousand directories and objects."""
        where = {"Bucket": bucket, "Prefix": path, "Delimiter": "/"}
        while True:
            answer = translated(
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
        while answer := translated(f"listing {bucket}/{prefix}", lambda: next(answers, None)):
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
        found = translated_read(
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
            found = translated(
                f"looking at {bucket}/{key}",
                lambda: self._s3.head_object(
                    Bucket=bucket, Key=key, IfMatch=quoted(if_match), ChecksumMode="ENABLED"
                ),
            )
        except StorageError as error:
            if code_of(error.__cause__) not in {"400", "403"}:
                raise
            return None
        check_plain(found)
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
                    check_plain(found)
                return body.read(), _etag(found["ETag"])

        return translated_read(f"reading {bucket}/{key}", whole)

    def get_range(self, bucket: str, key: str, start: int, end: int, if_match: ETag) -> bytes:
        """See `ports.Storage`."""

        def part() -> bytes:
            found = self._s3.get_object(
                Bucket=bucket, Key=key, IfMatch=quoted(if_match), Range=f"bytes={start}-{end - 1}"
            )
            with found["Body"] as body:
                check_plain(found)
                return body.read()

        return translated_read(f"reading {bucket}/{key}", part)

    def put(
        self, bucket: str, key: str, body: bytes, options: PutOptions, if_match: ETag | None
    ) -> ETag:
        """See `ports.Storage`. S3 responds with 404 if the object to replace has been deleted."""
        condition: dict[str, Any] = (
            {"IfMatch": quoted(if_match)} if if_match else {"IfNoneMatch": "*"}
        )
        try:
            answer = translated(
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
            translated(
                f"deleting {bucket}/{key}",
                lambda: self._s3.delete_object(Bucket=bucket, Key=key, IfMatch=quoted(if_match)),
            )
        except ObjectMissingError:
            return

    def move(self, bucket: str, source: StoredObject, target: str) -> None:
        """See `ports.Storage`."""
        translated(
            f"copying {bucket}/{source.key} to {target}",
            lambda: copy(self._s3, bucket, source, target),
        )
        self.delete(bucket, source.key, source.etag)


def _etag(quoted: str) -> ETag:
    return ETag(quoted.strip('"'))
