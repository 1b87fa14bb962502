"""The protocol of a bucket: objects by key, with conditional writes.

`aws.bucket.S3Bucket` implements it. Every method may raise `AwsError` with a message for the user.
The docstrings only name the subclasses that callers handle.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

from s3pypi.digest import Part


@dataclass(frozen=True)
class Stored:
    """The attributes of an object.

    Attributes:
        size: The size in bytes.
        etag: The ETag, without quotes.
        sha256: The checksum that S3 keeps, in base64, if any. If it ends in `-<count>`, it is the
            checksum of the parts' checksums.
        etag_is_md5: Whether the ETag is the MD5 of the content.
    """

    size: int
    etag: str
    sha256: str | None = None
    etag_is_md5: bool = False


@dataclass(frozen=True)
class Page:
    """The content of an object, and its ETag."""

    content: bytes
    etag: str


@dataclass(frozen=True)
class Deleted:
    """A deleted object of which a version is left.

    Attributes:
        key: The object's key.
        version: The ID of its newest version.
        when: The time of the deletion, with a time zone.
    """

    key: str
    version: str
    when: datetime


class Bucket(Protocol):
    """A bucket. Each method makes one request; `list` makes one for each 1,000 keys."""

    @property
    def name(self) -> str:
        """The bucket's name."""

    def put(self, key: str, body: IO[bytes], sha256: bytes, *, replace: bool) -> str:
        """Write an object with one request, and return its ETag.

        Args:
            key: The object's key.
            body: A seekable file, at its beginning.
            sha256: The digest of the content, which the bucket verifies.
            replace: Whether to replace an existing object.

        Raises:
            ExistsError: The object exists, and `replace` is false.
            ConflictError: Another write to the key is under way.
        """

    def put_marker(self, key: str, content: bytes, content_type: str) -> None:
        """Write a small object that may change later; replace an existing one."""

    def head(self, key: str) -> Stored:
        """Return the attributes of an object.

        Raises:
            MissingError: The object does not exist.
            ForbiddenError: The request is not permitted.
        """

    def get(self, key: str, known: Page | None = None) -> Page:
        """Return an object's content; `known` itself if the object has not changed since.

        Raises:
            MissingError: The object does not exist.
            ForbiddenError: The request is not permitted. Without s3:ListBucket, also if the object
                does not exist.
        """

    def read_start(self, key: str, size: int) -> bytes:
        """Return up to `size` bytes from the start of an object. Errors are as for `get`."""

    def list(self, directory: str) -> Iterator[str]:
        """Yield the keys directly under a key prefix that ends in a slash, in S3's order."""

    def delete(self, key: str, etag: str | None = None) -> None:
        """Delete an object; do nothing if it does not exist.

        Args:
            key: The object's key.
            etag: If given, only an object with this ETag (without quotes) is deleted.

        Raises:
            ChangedError: The object has another ETag.
        """

    def copy(self, source: str, target: str, etag: str) -> str:
        """Copy an object inside the bucket to an unused key, and return the new object's ETag.

        Metadata and tags are copied too.

        Args:
            source: The object's key.
            target: The new object's key.
            etag: The ETag of the source, without quotes; other content is not copied.

        Raises:
            ExistsError: The target exists, or the source has changed.
            ConflictError: Another write to the target is under way.
        """

    def list_deleted(self, directory: str) -> Iterator[Deleted]:
        """Yield the newest version of each deleted object directly under a key prefix.

        A bucket without versioning has none.
        """

    def restore(self, deleted: Deleted) -> None:
        """Restore a deleted object.

        Raises:
            ExistsError: The object exists again.
        """

    def start_parts(self, key: str) -> str:
        """Start a multipart upload and return its ID."""

    def put_part(self, key: str, upload: str, part: Part, body: IO[bytes]) -> str:
        """Send one part and return its ETag."""

    def complete_parts(
        self, key: str, upload: str, parts: Iterable[tuple[Part, str]], *, replace: bool
    ) -> str:
        """Complete a multipart upload and return the object's ETag. Errors are as for `put`."""

    def abort_parts(self, key: str, upload: str) -> None:
        """Abort a multipart upload and delete its parts."""
