"""The digests of a file, in the forms that S3 stores."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from typing import IO

MIB = 1024 * 1024
WHOLE_LIMIT = 5 * 1024 * MIB
"""Files up to this size go up in one request: S3's limit of one.

S3 keeps the SHA-256 of an object that was sent whole, but of one sent in parts only that of the
parts' checksums. With the former the indexer reads a few hundred kilobytes of a wheel, without it
all of them, which takes longer than parts side by side would save.
"""
MIN_PART = 8 * MIB
MAX_PARTS = 10_000
"""S3's limit; beyond 10,000 smallest parts the parts grow."""


def part_size_for(size: int) -> int:
    """Return the size of the parts, in bytes, that a file of `size` bytes is sent in."""
    return max(MIN_PART, -(-size // (MAX_PARTS * MIB)) * MIB)


def base64(digest: bytes) -> str:
    """Return a digest in the form of S3's checksum headers."""
    return b64encode(digest).decode("ascii")


@dataclass(frozen=True)
class Part:
    """One piece of a file that is sent in parts.

    Attributes:
        number: Counted from 1, as S3 does.
        offset: Where it begins in the file.
        size: Its length in bytes.
        sha256: Its own digest.
    """

    number: int
    offset: int
    size: int
    sha256: bytes


@dataclass(frozen=True)
class Digest:
    """The content of a file at the moment when it was checked.

    Attributes:
        size: In bytes.
        sha256: Of the whole file.
        parts: How it is sent, or nothing when it is sent whole.
    """

    size: int
    sha256: bytes
    parts: tuple[Part, ...] = ()

    @property
    def composite(self) -> str:
        """The SHA-256 checksum that S3 keeps of an object sent in these parts."""
        digest = hashlib.sha256(b"".join(part.sha256 for part in self.parts)).digest()
        return f"{base64(digest)}-{len(self.parts)}"


def digest_of(file: IO[bytes], *, whole_limit: int = WHOLE_LIMIT, part_size: int = 0) -> Digest:
    """Read a file once from its beginning and return its digest.

    Args:
        file: Seekable.
        whole_limit: The largest size, in bytes, that is sent whole.
        part_size: In bytes; by default as the file's size asks for.
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
    """Return a file's MD5 in hexadecimal: what S3's ETag is for a plain object sent whole."""
    md5 = hashlib.md5(usedforsecurity=False)
    _read_into(file, None, md5)
    return md5.hexdigest()


def _read_into(file: IO[bytes], limit: int | None, *hashes: "hashlib._Hash") -> int:
    """Feed the next `limit` bytes, or all that is left, to the hashes; return how many."""
    count = 0
    while block := file.read(MIB if limit is None else min(MIB, limit - count)):
        for each in hashes:
            each.update(block)
        count += len(block)
    return count
