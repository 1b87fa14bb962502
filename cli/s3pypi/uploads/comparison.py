"""Comparing an object in the bucket with a local file."""

from s3pypi.bucket import Stored
from s3pypi.digest import base64, md5_of
from s3pypi.uploads.distribution import Distribution


def is_identical(distribution: Distribution, stored: Stored) -> bool | None:
    """Compare by checksums, without sending the content; return None if they cannot decide.

    S3 keeps the SHA-256 that an uploader sent: of the whole, or of the checksums of its parts.
    The latter proves equality, but says nothing of objects sent in parts of another size. Without
    a checksum, the ETag of a plain object sent whole is its MD5. User metadata proves nothing.
    """
    digest = distribution.digest
    if stored.size != digest.size:
        return False
    if stored.sha256 and "-" in stored.sha256:
        return True if stored.sha256 == digest.composite else None
    if stored.sha256:
        return stored.sha256 == base64(digest.sha256)
    if stored.etag_is_md5:
        with distribution.path.open("rb") as file:
            return md5_of(file) == stored.etag
    return None
