"""Objects in the bucket, as S3 shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from s3pypi.layout import fingerprint

ETag = NewType("ETag", str)
"""An entity tag of S3, without the quotation marks. Opaque: not always a digest (KMS, parts)."""

Sha256 = NewType("Sha256", str)
"""64 lowercase hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as a LIST or a HEAD shows it.

    Attributes:
        key: the whole key.
        etag: of the current version.
        size: in bytes.
        last_modified: aware, in UTC.
    """

    key: str
    etag: ETag
    size: int
    last_modified: datetime

    @property
    def filename(self) -> str:
        """The last segment of the key."""
        return self.key.rpartition("/")[2]

    @property
    def fingerprint(self) -> str:
        """See `fingerprint`."""
        return fingerprint(self.filename, self.etag, self.size)
