"""Compute the digests of files in the forms that S3 stores."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from typing import IO

MIB = 1024 * 1024
WHOLE_LIMIT = 5 * 1024 * MIB
"""Files up to this size are uploaded with one request; it is S3's limit for one.

S3 keeps the SHA-256 of an object that was uploaded with one request. After a multipart upload, it
only keeps the digest of the parts' checksums. With the SHA-256, the indexer reads a few hundred
kilobytes of a wheel; without it, the whole file, which takes longer than parallel parts save.
"""
MIN_PART = 8 * MIB
MAX_PARTS = 10_000
"""S3's limit. For files with more parts of the minimum size, the parts are larger."""


def part_size_for(size: int) -> int:
    """Return the part size, in bytes, for a file of `size` bytes."""
    return max(MIN_PART, -(-size // (MAX_PARTS * MIB)) * MIB)


def base64(digest: bytes) -> str:
    """Return a digest in the form of S3's checksum headers."""
    return b64encode(digest).decode("ascii")


@dataclass(frozen=True)
class Part:
    """A part of a multipart upload.

    Attributes:
        number: The part number, from 1.
        offset: The offset in the file, in bytes.
        size: The length in bytes.
        sha256: The SHA-256 of the part.
    """

    number: int
    offset: int
    size: int
    sha256: bytes


@dataclass(frozen=True)
class Digest:
    """The digest of a file at the time when it was checked.

    Attributes:
        size: The size in bytes.
        sha256: The SHA-256 of the whole file.
        parts: The parts of a multipart upload; empty for an upload with one request.
    """

    size: int
    sha256: bytes
    parts: tuple[Part, ...] = ()

    @property
    def composite(self) -> str:
        """The checksum that S3 keeps of an object that was uploaded in these parts."""
        digest = hashlib.sha256(b"".join(part.sha256 for part in self.parts)).digest()
        return f"{base64(digest)}-{len(self.parts)}"


def digest_of(file: IO[bytes], *, whole_limit: int = WHOLE_LIMIT, part_size: int = 0) -> Digest:
    """Read a file once from its beginning, and return its digest.

    Args:
        file: A seekable file.
        whole_limit: The maximum size, in bytes, for an upload with one request.
        part_size: The part size in bytes; by default, it depends on the size of the file.
    """
    expected = file.seek(0, 2)
    file.seek(0)
    whole = hashlib.sha256()
    if expected <= whole_limit:
        size = _read_into(file, None, whole)
        return Digest(size=size, sha256=whole.digest())
    part_size = part_size or part_size_for(expected)
    parts: list[Part] = []
    offset = 0
    while size := _read_into(file, part_size, whole, sha256 := hashlib.sha256()):
        parts.append(Part(len(parts) + 1, offset, size, sha256.digest()))
        offset += size
    return Digest(size=offset, sha256=whole.digest(), parts=tuple(parts))


def md5_of(file: IO[bytes]) -> str:
    """Return a file's MD5 in hexadecimal, which is the ETag of an unencrypted object in S3."""
    md5 = hashlib.md5(usedforsecurity=False)
    _read_into(file, None, md5)
    return md5.hexdigest()


def _read_into(file: IO[bytes], limit: int | None, *hashes: "hashlib._Hash") -> int:
    """Update the hashes with the next `limit` bytes, or with the rest; return their number."""
    count = 0
    while block := file.read(MIB if limit is None else min(MIB, limit - count)):
        for each in hashes:
            each.update(block)
        count += len(block)
    return count
