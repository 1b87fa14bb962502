"""Construct the inputs."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from s3pypi.distributions.source import MIB
from tests.factories import metadata_of

INFO = "foo-1.0.dist-info"
WHEEL = "foo-1.0-py3-none-any.whl"
HEAD = metadata_of("foo", "1.0")
REST = {f"{INFO}/WHEEL": b"Wheel-Version: 1.0\n", f"{INFO}/RECORD": b""}


def zip_of(members: dict[str, bytes]) -> bytes:
    """Return a compressed zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def directory_of(count: int, length: int) -> bytes:
    """Return a zip of empty members with names of a length."""
    names = [f"{number:x}".rjust(length, "n").encode() for number in range(count)]
    local = struct.Struct("<4s5H3L2H")
    entry = struct.Struct("<4s6H3L5H2L")
    places, position = [], 0
    body = io.BytesIO()
    for name in names:
        places.append(position)
        position += body.write(local.pack(b"PK\3\4", 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0))
        position += body.write(name)
    size = 0
    for name, place in zip(names, places, strict=True):
        zeros = (0, 0, 0, 0, 0)
        size += body.write(
            entry.pack(b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, len(name), *zeros[:4], 0, place)
        )
        size += body.write(name)
    shown = min(count, 0xFFFF)
    if count > shown:
        end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, position)
        body.write(end + struct.pack("<4sLQL", b"PK\6\7", 0, position + size, 1))
    body.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, shown, shown, size, position, 0))
    return body.getvalue()


def many_fields() -> bytes:
    """Return METADATA with many different fields."""
    lines = b"".join(b"a%x:\n" % number for number in range(150_000))
    return HEAD.replace(b"\n\n", b"\n" + lines[: MIB - 200] + b"\n\n", 1)


def folded() -> bytes:
    """Return METADATA with one field of many lines."""
    return HEAD.split(b"\n\n")[0] + b"\nName:" + b"\n x" * (MIB // 3 - 100) + b"\n\n"


def empty_blocks() -> tuple[Callable[[int, int], bytes], int]:
    """Return a wheel of 2 GiB whose METADATA consists of empty deflate blocks."""
    size = 2047 * MIB
    name = f"{INFO}/METADATA".encode()
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, 0, size, 10, len(name), 0) + name
    entry = struct.Struct("<4s6H3L5H2L").pack
    directory = (
        entry(b"PK\1\2", 20, 20, 0, 8, 0, 33, 0, size, 10, len(name), 0, 0, 0, 0, 0, 0) + name
    )
    place = len(local) + size
    for more in REST:
        other = more.encode()
        directory += (
            entry(b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, len(other), 0, 0, 0, 0, 0, place) + other
        )
        place += 30 + len(other)
    begin = place
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 3, 3, len(directory), begin, 0)
    tail = bytes(begin - len(local) - size) + directory + end

    def body(start: int, stop: int) -> bytes:
        out = local[start:stop]
        first, last = max(start, len(local)), min(stop, len(local) + size)
        if last > first:
            skip = (first - len(local)) % 5
            out += (b"\0\0\0\xff\xff" * ((last - first) // 5 + 2))[skip : skip + last - first]
        after = len(local) + size
        return out + (tail[max(0, start - after) : stop - after] if stop > after else b"")

    return body, len(local) + size + len(tail)


def tar_of(*, members: int = 1, zeros: int = 0, name: str = "foo-1.0/x") -> bytes:
    """Return a tar without PKG-INFO."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for number in range(members):
            info = tarfile.TarInfo(f"{name}{number}")
            info.size = zeros
            archive.addfile(info, io.BytesIO(bytes(zeros)))
    return out.getvalue()


def noise(size: int) -> bytes:
    """Return reproducible, incompressible bytes."""
    import random  # noqa: PLC0415 - only here

    return random.Random(1).randbytes(size)  # noqa: S311


def dynamic_blocks(size: int) -> bytes:
    """Return a gzip with many small deflate blocks."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    text = tar_of(zeros=size)
    parts = []
    for start in range(0, len(text), 64):
        begin = start % 200
        piece = text[start : start + 64] if start < 1024 else bytes(range(begin, begin + 56))
        parts += [packer.compress(piece), packer.flush(zlib.Z_FULL_FLUSH)]
    return b"".join([*parts, packer.flush()])


def bz2_noise() -> bytes:
    """Return a bzip2 of noise, which is the slowest."""
    head = tar_of(zeros=0)[:512]
    header = tarfile.TarInfo("foo-1.0/noise")
    header.size = 15 * MIB
    return bz2.compress(header.tobuf() + noise(15 * MIB) + head)


def xz_preset_9() -> bytes:
    """Return an xz with the largest dictionary."""
    header = tarfile.TarInfo("foo-1.0/noise")
    header.size = 47 * MIB
    packer = lzma.LZMACompressor(preset=9)
    parts = [packer.compress(header.tobuf())]
    block = noise(MIB)
    parts += [packer.compress(block) for _ in range(48)]
    return b"".join([*parts, packer.flush()])


def empty_gzips() -> bytes:
    """Return many empty gzip files in a row."""
    return gzip.compress(b"", mtime=0) * (7 * MIB // 20)


INPUTS: dict[str, tuple[str, Callable[[], Any]]] = {
    "a normal wheel": (WHEEL, lambda: zip_of({f"{INFO}/METADATA": HEAD, **REST})),
    "a zip directory with 100,000 members": (WHEEL, lambda: directory_of(100_000, 20)),
    "a zip directory of 8 MiB": (WHEEL, lambda: directory_of(60_000, 80)),
    "1 MiB of METADATA with 150,000 fields": (
        WHEEL,
        lambda: zip_of({f"{INFO}/METADATA": many_fields(), **REST}),
    ),
    "1 MiB of METADATA in one field": (
        WHEEL,
        lambda: zip_of({f"{INFO}/METADATA": folded(), **REST}),
    ),
    "1 MiB of METADATA that unpacks to 1 GiB": (
        WHEEL,
        lambda: zip_of({f"{INFO}/METADATA": bytes(1024 * MIB), **REST}),
    ),
    "1 MiB of RECORD with 500,000 rows": (
        WHEEL,
        lambda: zip_of({f"{INFO}/METADATA": HEAD, **REST, f"{INFO}/RECORD": b",,\n" * 349_000}),
    ),
    "2 GiB of empty deflate blocks as METADATA": (WHEEL, empty_blocks),
    "a name that expands to 400 tags": (
        f"foo-1.0-{'.'.join(['py3'] * 20)}-{'.'.join(['none'] * 20)}-any.whl",
        lambda: b"",
    ),
    "a gzip that unpacks to 1 GiB": (
        "foo-1.0.tar.gz",
        lambda: gzip.compress(tar_of(members=1000, zeros=MIB), 6, mtime=0),
    ),
    "a gzip of tiny deflate blocks": ("foo-1.0.tar.gz", lambda: dynamic_blocks(32 * MIB)),
    "350,000 empty gzips": ("foo-1.0.tar.gz", empty_gzips),
    "a tar with 60,000 members": (
        "foo-1.0.tar.gz",
        lambda: gzip.compress(tar_of(members=60_000), 6, mtime=0),
    ),
    "a bzip2 of noise": ("foo-1.0.tar.bz2", bz2_noise),
    "an xz with a dictionary of 64 MiB": ("foo-1.0.tar.xz", xz_preset_9),
}
