import hashlib
import io

import pytest

from s3pypi.digest import MAX_PARTS, MIB, WHOLE_LIMIT, digest_of, md5_of, part_size_for


def test_small_file_is_sent_whole() -> None:
    """A file up to the limit has a digest and no parts."""
    digest = digest_of(io.BytesIO(b"content"), whole_limit=7)
    assert digest.sha256 == hashlib.sha256(b"content").digest()
    assert (digest.size, digest.parts) == (7, ())


def test_large_file_is_sent_in_parts() -> None:
    """A larger file has parts, which make up the file."""
    content = b"0123456789"
    digest = digest_of(io.BytesIO(content), whole_limit=9, part_size=4)
    assert digest.sha256 == hashlib.sha256(content).digest()
    pieces = [content[part.offset : part.offset + part.size] for part in digest.parts]
    assert pieces == [b"0123", b"4567", b"89"]
    assert [part.number for part in digest.parts] == [1, 2, 3]
    assert [part.sha256 for part in digest.parts] == [hashlib.sha256(p).digest() for p in pieces]
    assert digest.composite.endswith("=-3")


def test_default_limits() -> None:
    """Files up to the limit take one request, larger ones parts of at least 8 MiB."""
    assert WHOLE_LIMIT == 5 << 30  # S3's limit of PutObject
    content = io.BytesIO(bytes(64 * MIB + 1))
    assert not digest_of(content).parts
    digest = digest_of(content, whole_limit=64 * MIB)
    assert [part.size for part in digest.parts] == [8 * MIB] * 8 + [1]


@pytest.mark.parametrize("size", [1, 64 * MIB, 8 * MIB * MAX_PARTS + 1, 5 * MIB * MIB])
def test_part_size_fits_s3(size: int) -> None:
    """Even a file of 5 TiB has at most 10,000 parts."""
    part_size = part_size_for(size)
    assert part_size >= 8 * MIB
    assert -(-size // part_size) <= MAX_PARTS


def test_md5() -> None:
    """The MD5 equals S3's ETag."""
    assert md5_of(io.BytesIO(b"hello")) == "5d41402abc4b2a76b9719d911017c592"
