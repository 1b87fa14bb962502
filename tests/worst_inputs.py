"""`python -m tests.worst_inputs`: what the worst files that we can construct cost, as a table.

Each is looked at by the function's own code in a process of its own, which then says how much
processor time, memory and requests that took. The measured table is in docs/architecture.md.
"""

import bz2
import gzip
import io
import json
import lzma
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from packaging.utils import canonicalize_name

from lambda_indexer.errors import UnreadableError
from lambda_indexer.index.inspection import SMALL, inspect
from lambda_indexer.model import ETag, Sha256, StoredObject
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB
from tests.factories import metadata_of

if TYPE_CHECKING:
    from lambda_indexer.ports import Storage

FOO = canonicalize_name("foo")
INFO = "foo-1.0.dist-info"
WHEEL = "foo-1.0-py3-none-any.whl"
HEAD = metadata_of("foo", "1.0")
REST = {f"{INFO}/WHEEL": b"Wheel-Version: 1.0\n", f"{INFO}/RECORD": b""}


class CountingStorage:
    """One object, which may be too large to be in memory; only what a file needs is there."""

    def __init__(self, body: Callable[[int, int], bytes], size: int) -> None:
        self._body, self._size = body, size
        self.requests = self.bytes = 0

    def get(self, *_: Any, **__: Any) -> tuple[bytes, ETag]:
        """Count a GET of the whole."""
        return self._part(0, self._size), ETag("e")

    def get_range(self, _bucket: str, _key: str, start: int, end: int, _etag: ETag) -> bytes:
        """Count a GET of a part."""
        return self._part(start, end)

    def sha256(self, *_: Any) -> Sha256:
        """Count a HEAD."""
        self.requests += 1
        return Sha256("0" * 64)

    def _part(self, start: int, end: int) -> bytes:
        self.requests += 1
        self.bytes += end - start
        return self._body(start, end)


def zip_of(members: dict[str, bytes]) -> bytes:
    """Return a zip, well compressed."""
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
    """METADATA full of fields, all of other names."""
    lines = b"".join(b"a%x:\n" % number for number in range(150_000))
    return HEAD.replace(b"\n\n", b"\n" + lines[: MIB - 200] + b"\n\n", 1)


def folded() -> bytes:
    """METADATA of one field on very many lines."""
    return HEAD.split(b"\n\n")[0] + b"\nName:" + b"\n x" * (MIB // 3 - 100) + b"\n\n"


def empty_blocks() -> tuple[Callable[[int, int], bytes], int]:
    """A wheel of 2 GiB whose METADATA is made of empty deflate blocks."""
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
    """Bytes that no compressor makes smaller, the same each time."""
    import random  # noqa: PLC0415 - only here

    return random.Random(1).randbytes(size)  # noqa: S311


def dynamic_blocks(size: int) -> bytes:
    """A gzip whose deflate blocks each describe their own code for a few bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    text = tar_of(zeros=size)
    parts = []
    for start in range(0, len(text), 64):
        begin = start % 200
        piece = text[start : start + 64] if start < 1024 else bytes(range(begin, begin + 56))
        parts += [packer.compress(piece), packer.flush(zlib.Z_FULL_FLUSH)]
    return b"".join([*parts, packer.flush()])


def bz2_noise() -> bytes:
    """A bzip2 of noise, which takes longest."""
    head = tar_of(zeros=0)[:512]
    header = tarfile.TarInfo("foo-1.0/noise")
    header.size = 15 * MIB
    return bz2.compress(header.tobuf() + noise(15 * MIB) + head)


def xz_preset_9() -> bytes:
    """An xz with the largest dictionary, which its content fills."""
    header = tarfile.TarInfo("foo-1.0/noise")
    header.size = 47 * MIB
    packer = lzma.LZMACompressor(preset=9)
    parts = [packer.compress(header.tobuf())]
    block = noise(MIB)
    parts += [packer.compress(block) for _ in range(48)]
    return b"".join([*parts, packer.flush()])


def empty_gzips() -> bytes:
    """Very many gzip files without content, one behind the other."""
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


def peak() -> int:
    """Return the most memory that this process has had, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def measure(name: str, file: Path) -> dict[str, Any]:
    """Look at an input in this process, and say what that cost."""
    filename, make = INPUTS[name]
    body: Callable[[int, int], bytes]
    if name.startswith("2 GiB"):
        body, size = make()
    else:
        content = file.read_bytes()
        size = len(content)
        body = lambda start, stop: content[start:stop]  # noqa: E731 - it is all that it is
    storage = CountingStorage(body, size)
    stored = StoredObject(f"foo/{filename}", ETag("e"), size, datetime(2026, 1, 1, tzinfo=UTC))
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = peak()
    began = time.process_time()
    try:
        inspect(cast("Storage", storage), "bucket", stored, FOO)
        outcome = "listed"
    except (InvalidDistributionError, UnreadableError) as error:
        outcome = str(error)
    return {
        "input": name,
        "size": size,
        "seconds": time.process_time() - began,
        # A small file is read whole: those are its own bytes.
        "memory": peak() - before - (size if size <= SMALL else 0),
        "requests": storage.requests,
        "outcome": outcome,
    }


def main() -> int:
    """Measure each input in a process of its own, and print the table."""
    if sys.argv[1:]:
        print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))  # noqa: T201
        return 0
    print("| input | file | processor time | memory beyond the file | requests | outcome |")  # noqa: T201
    print("|---|---|---|---|---|---|")  # noqa: T201
    file = Path(sys.argv[0]).with_suffix(".input")
    for name, (_, make) in INPUTS.items():
        if not name.startswith("2 GiB"):
            file.write_bytes(make())
        command = [sys.executable, "-m", "tests.worst_inputs", name, str(file)]
        row = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603
        print(  # noqa: T201
            f"| {name} | {row['size'] / MIB:,.1f} MiB | {row['seconds']:.2f} s"
            f" | {max(0, row['memory']) / MIB:.0f} MiB | {row['requests']} | {row['outcome']} |"
        )
    file.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
