"""Find a member of a compressed tar in bounded memory and time. Pure.

The archive is read as a stream. Skipped members are not kept.
"""

import bz2
import gzip
import lzma
import re
import tarfile
from typing import IO, Final, Protocol, cast

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB, Source

MAX_HEADERS: Final = 2 * MIB  # all extended headers together, and the wanted member
MAX_MEMBERS: Final = 50_000
MAX_DICTIONARY: Final = 80 * MIB  # of xz, whose highest preset needs 65; see MAX_UNPACKED

MAX_UNPACKED: Final = {".gz": 256 * MIB, ".xz": 48 * MIB, ".bz2": 16 * MIB}
"""How much data may precede the wanted member, unpacked: about a second for each compression. The
dictionary of xz takes no more memory than the data that was unpacked."""

_PIECE: Final = MIB // 4  # bytes to unpack between two checks of the time


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_member(file: Source, filename: str, wanted: re.Pattern[str], limit: int) -> bytes:
    """Return the content of the first regular file whose name matches a pattern.

    Args:
        file: The archive, at its beginning.
        filename: The filename, whose extension determines the compression.
        wanted: The pattern of the name.
        limit: The maximum size of the member, in bytes.

    Raises:
        InvalidDistributionError: There is no such file within the limits.
    """
    extension = filename[filename.rindex(".") :]
    stream = _Unpacked(_decompressed(file, extension), MAX_UNPACKED[extension], file)
    what = wanted.pattern.rpartition("/")[2]
    with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:") as archive:
        for _ in range(MAX_MEMBERS):
            stream.begin_member()
            member = archive.next()
            if member is None:
                raise InvalidDistributionError(f"the archive has no {what} in a top directory")
            if member.isreg() and wanted.fullmatch(member.name):
                if member.size > limit:
                    raise InvalidDistributionError(f"its {what} is larger than {limit} bytes")
                extracted = archive.extractfile(member)
                return extracted.read() if extracted else b""
            archive.members = []  # type: ignore[attr-defined] # drop skipped members
    raise InvalidDistributionError(f"no {what} in its first {MAX_MEMBERS} members")


def _decompressed(file: Source, extension: str) -> _Stream:
    opened = cast("IO[bytes]", file)  # the type that the standard library declares
    if extension == ".gz":
        return gzip.GzipFile(fileobj=opened)
    if extension == ".bz2":
        return bz2.BZ2File(opened)
    return _XzStream(file)


class _Unpacked:
    """A decompressed, sequential stream for tarfile, with limits.

    tarfile reads an extended header of any claimed length in one call, keeps global headers,
    follows sparse maps block by block, and skips members by seeking. All bytes that it reads beyond
    a few blocks for each member count towards one limit.
    """

    def __init__(self, stream: _Stream, limit: int, source: Source) -> None:
        self._stream, self._limit, self._source = stream, limit, source
        self._position = 0
        self._left = MAX_HEADERS

    def begin_member(self) -> None:
        """Raise the limit by the size of the headers that archivers usually write for a member."""
        self._left = min(self._left + 8 * tarfile.BLOCKSIZE, MAX_HEADERS)

    def tell(self) -> int:
        return self._position

    def read(self, size: int) -> bytes:
        self._left -= size
        if self._left < 0:
            raise InvalidDistributionError(f"its headers are larger than {MAX_HEADERS} bytes")
        return self._read(size)

    def seek(self, position: int) -> int:
        if position > self._limit:
            raise self._too_far()
        if position < self._position:
            raise tarfile.ReadError("the members overlap")
        while self._position < position:
            if not self._read(min(position - self._position, _PIECE)):
                break
        return self._position

    def _read(self, size: int) -> bytes:
        if self._position + size > self._limit:
            raise self._too_far()
        self._source.check()
        data = self._stream.read(size)
        self._position += len(data)
        return data

    def _too_far(self) -> InvalidDistributionError:
        return InvalidDistributionError(
            f"no PKG-INFO in its first {self._limit // MIB} MiB, unpacked"
        )


class _XzStream:
    """An xz stream with a memory limit, which `lzma.LZMAFile` does not support."""

    def __init__(self, file: Source) -> None:
        self._file = file
        self._decompressor = lzma.LZMADecompressor(memlimit=MAX_DICTIONARY)

    def read(self, size: int = -1, /) -> bytes:
        data = b""
        while len(data) < size and not self._decompressor.eof:
            packed = self._file.read(MIB // 16) if self._decompressor.needs_input else b""
            if not packed and self._decompressor.needs_input:
                raise EOFError("the compressed data end too early")
            data += self._decompressor.decompress(packed, size - len(data))
        return data
