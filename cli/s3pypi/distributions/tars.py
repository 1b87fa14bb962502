"""A member of a compressed tar, found in bounded memory and time; pure.

The archive is streamed forwards, and nothing is kept of what is passed.
"""

import bz2
import gzip
import lzma
import re
import tarfile
from typing import IO, Final, Protocol, cast

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB, Source

MAX_HEADERS: Final = 2 * MIB  # extended ones, all together, and the wanted member
MAX_MEMBERS: Final = 50_000
MAX_DICTIONARY: Final = 80 * MIB  # claimed by xz, whose highest preset needs 65; see MAX_UNPACKED

MAX_UNPACKED: Final = {".gz": 256 * MIB, ".xz": 48 * MIB, ".bz2": 16 * MIB}
"""How far each compression may unpack in front of the wanted member: what takes about a second.
The dictionary of xz takes no more memory than has been unpacked."""

_PIECE: Final = MIB // 4  # unpacked between two looks at the time


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_member(file: Source, filename: str, wanted: re.Pattern[str], limit: int) -> bytes:
    """Return the content of the first regular file of a name.

    Args:
        file: the archive, from its first byte on.
        filename: its extension tells the compression.
        wanted: what matches the name.
        limit: the largest size allowed, in bytes.

    Raises:
        InvalidDistributionError: There is none within the limits.
    """
    extension = filename[filename.rindex(".") :]
    stream = _Unpacked(_decompressed(file, extension), MAX_UNPACKED[extension], file)
    what = wanted.pattern.rpartition("/")[2]
    with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:") as archive:
        for _ in range(MAX_MEMBERS):
            stream.begin_member()
            member = archive.next()
            if member is None:
                raise InvalidDistributionError(f"the archive has no {what} file where one belongs")
            if member.isreg() and wanted.fullmatch(member.name):
                if member.size > limit:
                    raise InvalidDistributionError(f"its {what} is larger than {limit} bytes")
                extracted = archive.extractfile(member)
                return extracted.read() if extracted else b""
            archive.members = []  # type: ignore[attr-defined] # it would keep all it has passed
    raise InvalidDistributionError(f"no {what} in its first {MAX_MEMBERS} members")


def _decompressed(file: Source, extension: str) -> _Stream:
    opened = cast("IO[bytes]", file)  # that is what the standard library says that it needs
    if extension == ".gz":
        return gzip.GzipFile(fileobj=opened)
    if extension == ".bz2":
        return bz2.BZ2File(opened)
    return _XzStream(file)


class _Unpacked:
    """A decompressed stream for tarfile: forwards only, up to a limit.

    tarfile reads an extended header in one call of the length that the archive claims, keeps what
    global ones say for ever, follows a sparse map block by block, and passes over members by
    seeking. Whatever it reads beyond a few blocks for each member is one budget.
    """

    def __init__(self, stream: _Stream, limit: int, source: Source) -> None:
        self._stream, self._limit, self._source = stream, limit, source
        self._position = 0
        self._left = MAX_HEADERS

    def begin_member(self) -> None:
        """Allow for one more member with the headers that archivers usually write."""
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
    """An xz stream read under a limit of memory, which `lzma.LZMAFile` has no way to set."""

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
