"""The bucket as the rest of the command sees it: keys and conditional writes.

`aws.bucket.S3Bucket` implements it. Every method may raise `AwsError` with a message for the user;
the subclasses that matter to callers are named at each method.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

from s3pypi.digest import Part


@dataclass(frozen=True)
class Stored:
    """What the bucket knows about an object, without its content.

    Attributes:
        size: In bytes.
        etag: Without quotes.
        sha256: S3's checksum in base64; of the parts' checksums if it ends in `-<count>`; or None.
        etag_is_md5: Whether the ETag is the content's MD5.
    """

    size: int
    etag: str
    sha256: str | None = None
    etag_is_md5: bool = False


@dataclass(frozen=True)
class Page:
    """The content of an object, as of `etag`."""

    content: bytes
    etag: str


@dataclass(frozen=True)
class Deleted:
    """A deleted object that versioning has kept.

    Attributes:
        key: The object's key.
        version: The ID of its newest version.
        when: The time of the deletion, with its zone.
    """

    key: str
    version: str
    when: datetime


class Bucket(Protocol):
    """The requests that the command makes, each method being one (`list` one per 1,000 keys)."""

    @property
    def name(self) -> str:
        """The bucket's name."""

    def put(self, key: str, body: IO[bytes], sha256: bytes, *, replace: bool) -> str:
        """Write an object whole and return its ETag.

        Args:
            key: The object's key.
            body: Seekable, at its beginning.
            sha256: The content's digest; other content is refused by the bucket.
            replace: Whether an object that is there already may be replaced.

        Raises:
            ExistsError: There is an object, and it may not be replaced.
            ConflictError: Another write to the key is under way.
        """

    def put_marker(self, key: str, content: bytes, content_type: str) -> None:
        """Write a small object that may change later, replacing what exists."""

    def head(self, key: str) -> Stored:
        """Describe an object.

        Raises:
            MissingError: There is none.
            ForbiddenError: Looking is not permitted.
        """

    def get(self, key: str, known: Page | None = None) -> Page:
        """Return an object's content: `known` itself when nothing has changed since.

        Raises:
            MissingError: There is none.
            ForbiddenError: Not permitted; S3's answer also for a missing key without ListBucket.
        """

    def peek(self, key: str, size: int) -> bytes:
        """Return the first bytes of an object, `size` at most. Errors as for `get`."""

    def list(self, directory: str) -> Iterator[str]:
        """Yield the keys directly under a key prefix that ends in a slash, in S3's order."""

    def delete(self, key: str, etag: str | None = None) -> None:
        """Delete an object; a missing one is no error.

        Args:
            key: The object's key.
            etag: Without quotes: only an object with this content is deleted.

        Raises:
            ChangedError: There is an object with another ETag.
        """

    def copy(self, source: str, target: str, etag: str) -> str:
        """Copy an object inside the bucket to a key where there is none, and return its ETag.

        Metadata and tags are copied too.

        Args:
            source: The object's key.
            target: The new object's key.
            etag: Of the source, without quotes: only this content is copied.

        Raises:
            ExistsError: There is an object at the target, or the source has changed.
            ConflictError: Another write to the target is under way.
        """

    def list_deleted(self, directory: str) -> Iterator[Deleted]:
        """Yield the newest version of each deleted object directly under a key prefix.

        Nothing is yielded for a bucket without versioning.
        """

    def restore(self, deleted: Deleted) -> None:
        """Bring a deleted object back.

        Raises:
            ExistsError: There is an object under the key again.
        """

    def start_parts(self, key: str) -> str:
        """Start a multipart upload and return its ID."""

    def put_part(self, key: str, upload: str, part: Part, body: IO[bytes]) -> str:
        """Send one part and return its ETag."""

    def complete_parts(
        self, key: str, upload: str, parts: Iterable[tuple[Part, str]], *, replace: bool
    ) -> str:
        """Complete a multipart upload and return the object's ETag. Errors as for `put`."""

    def abort_parts(self, key: str, upload: str) -> None:
        """Abort a multipart upload and delete its parts."""
