"""Archives that unpack to much more than they hold are refused in bounded memory."""

import bz2
import io
import lzma
import struct
import tarfile
import tracemalloc
import zipfile
import zlib

import pytest

from s3pypi.distributions import source
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB
from s3pypi.distributions.wheels import MAX_METADATA
from tests.factories import archive_tar, archive_zip
from tests.unit.distributions.reading import INFO, METADATA, REST, read, tar_gz


def _bomb_header() -> bytes:
    info = tarfile.TarInfo("foo-1.0/x")
    info.pax_headers = {"comment": "a" * 20_000_000}
    return tar_gz((info, b""))


def _bomb_member() -> bytes:
    header = tarfile.TarInfo("foo-1.0/zeros")
    header.size = 1 << 40
    packer = lzma.LZMACompressor(preset=0)
    packed = [packer.compress(header.tobuf(tarfile.GNU_FORMAT))]
    packed += [packer.compress(bytes(MIB)) for _ in range(60)]
    return b"".join([*packed, packer.flush()])


def _many_headers() -> bytes:
    members = []
    for number in range(200):
        info = tarfile.TarInfo(f"foo-1.0/{number}")
        info.pax_headers = {"comment": "a" * 50_000}
        members.append((info, b""))
    return tar_gz(*members)


def _zeros() -> bytes:
    header = tarfile.TarInfo("foo-1.0/zeros")
    header.size = 200 * MIB
    packer = bz2.BZ2Compressor()
    packed = [packer.compress(header.tobuf(tarfile.GNU_FORMAT))]
    packed += [packer.compress(bytes(MIB)) for _ in range(20)]
    return b"".join([*packed, packer.flush()])


def _large_pkg_info() -> bytes:
    return archive_tar({"foo-1.0/PKG-INFO": bytes(MAX_METADATA + 1)}, "xz")


def _large_dictionary() -> bytes:
    # Made without that much memory: the block's header only claims it, in the encoding of xz.
    content = bytearray(lzma.compress(b"x"))
    block = 12
    size = (content[block] + 1) * 4
    content[content.index(b"\x21\x01", block) + 2] = 32  # 256 MiB
    struct.pack_into("<I", content, block + size - 4, zlib.crc32(content[block : block + size - 4]))
    return bytes(content)


@pytest.mark.parametrize(
    ("make", "extension", "reason"),
    [
        (_bomb_header, ".tar.gz", "headers are larger"),
        (_many_headers, ".tar.gz", "headers are larger"),
        (_zeros, ".tar.bz2", "no PKG-INFO in its first"),
        (_bomb_member, ".tar.xz", "no PKG-INFO in its first"),
        (_large_pkg_info, ".tar.xz", "larger than"),
        (_large_dictionary, ".tar.xz", "not a readable tar archive: Memory usage limit"),
    ],
)
def test_bombs_cost_bounded_memory(make: object, extension: str, reason: str) -> None:
    """A small file that unpacks to a large one is refused before that."""
    assert callable(make)
    content = make()
    tracemalloc.start()
    try:
        with pytest.raises(InvalidDistributionError, match=reason):
            read(content, f"foo-1.0{extension}")
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_a_directory_larger_than_allowed_is_not_read() -> None:
    """The declared size is checked before the directory is read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(130):
            archive.writestr(zipfile.ZipInfo(f"{number:05}" + "n" * 65_000), b"")
    with pytest.raises(InvalidDistributionError, match="directory is larger than"):
        read(out.getvalue())


def test_a_member_that_is_larger_than_the_directory_says() -> None:
    """The limit applies to the real size, not the declared one."""
    content = bytearray(archive_zip({f"{INFO}/METADATA": METADATA + bytes(40 * MIB), **REST}))
    directory = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, directory + 24, 1000)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidDistributionError, match=r"the local header of its"):
            read(bytes(content))
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_a_sparse_map_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain of sparse headers is refused, because tarfile would read all of it."""
    monkeypatch.setattr(source, "MAX_SECONDS", 60)  # tracing memory is slow on a busy machine
    header = bytearray(tarfile.TarInfo("foo-1.0/sparse").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[386:482] = b"00000000000\x00" * 8
    header[482] = 1
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    block = (b"00000000000\x00" * 42).ljust(504, b"0") + b"\x01" + bytes(7)
    content = bz2.compress(bytes(header) + block * 5_000)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidDistributionError, match="headers are larger"):
            read(content, "foo-1.0.tar.bz2")
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    finally:
        tracemalloc.stop()


def test_thousands_of_members_with_extended_headers() -> None:
    """A large sdist with PKG-INFO at its end is read."""
    members = []
    for number in range(2000):
        info = tarfile.TarInfo(f"foo-1.0/{number}")
        info.pax_headers = {"mtime": "1707170298.123456", "uname": "x" * 600}
        members.append((info, b""))
    last = tarfile.TarInfo("foo-1.0/PKG-INFO")
    last.size = len(METADATA)
    assert read(tar_gz(*members, (last, METADATA)), "foo-1.0.tar.gz") == METADATA
