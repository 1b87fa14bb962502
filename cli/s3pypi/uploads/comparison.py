"""Compare an object in the bucket with a local file."""

from s3pypi.bucket import Stored
from s3pypi.digest import base64, md5_of
from s3pypi.uploads.distribution import Distribution


def is_identical(distribution: Distribution, stored: Stored) -> bool | None:
    """Return whether a file equals an object, by checksums; None if they are not sufficient.

    S3 keeps the SHA-256 of the whole object or, after a multipart upload, of the parts' checksums.
    The latter can only be compared if the parts have the same size. Without a SHA-256, the ETag of
    an unencrypted object that was uploaded with one request is its MD5. User metadata is not
    trusted.
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
