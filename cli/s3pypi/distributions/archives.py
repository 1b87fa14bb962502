"""The metadata inside a wheel or an sdist: pure over a file object, and bounded against any input.

Nothing is extracted. Every limit below exists because without it a small hostile file would cost
memory or time without bound; each is far above what real distributions need.
"""

import bz2
import gzip
import lzma
import re
import tarfile
import threading
import zipfile
from collections.abc import Callable
from typing import IO, Any, Final, Protocol, cast

from packaging.utils import NormalizedName, canonicalize_name

from s3pypi.distributions.errors import InvalidDistributionError

MIB: Final = 1 << 20
MAX_METADATA: Final = MIB
MAX_DIRECTORY: Final = 8 * MIB  # of a zip; about 60,000 members
MAX_HEADERS: Final = 2 * MIB  # extended headers of a tar, all together, and its PKG-INFO
MAX_UNPACKED: Final = 1024 * MIB  # of a tar, before its PKG-INFO; and if it is small,
MIN_UNPACKED: Final = 64 * MIB  # this, or if that is more,
MAX_RATIO: Final = 100  # this many times its size
MAX_MEMBERS: Final = 200_000
MAX_DICTIONARY: Final = 80 * MIB  # of xz; its highest preset needs 65

_METADATA: Final = re.compile(r"([^/]+)\.dist-info/METADATA")
_PKG_INFO: Final = re.compile(r"(?:\./)?[^/]+/PKG-INFO")
_STORED_OR_DEFLATED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1

# zipfile keeps about 600 bytes a member, so the largest directory allowed takes some 100 MiB; xz
# may need its whole dictionary, and the parser of metadata some forty times their size.
# Inspections run in parallel; these parts of them one after the other.
one_at_a_time: Final = threading.Lock()


class Reader(Protocol):
    """What the archives are read through: forwards for tars, seekable for zips."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; empty at the end."""


def read_wheel(file: Reader, project: NormalizedName) -> bytes:
    """The bytes of a wheel's METADATA.

    Args:
        file: seekable; its end is the archive's end.
        project: whose wheel it is; its dist-info directory begins with this name, which is
            the rule by which pip and uv find it.

    Raises:
        InvalidDistributionError: with the reason for people.
    """
    return _guarded("zip", file, lambda source: _read_zip(source, _METADATA, "METADATA", project))


def read_sdist(file: Reader, filename: str, size: int) -> bytes:
    """The bytes of an sdist's PKG-INFO.

    Args:
        file: from its first byte on; for a `.zip` it is seekable.
        filename: its extension tells the format.
        size: of the file, in bytes; how far it may unpack depends on it.

    Raises:
        InvalidDistributionError: with the reason for people.
    """
    limit = min(MAX_UNPACKED, max(MIN_UNPACKED, MAX_RATIO * size))

    def read(source: "_Source") -> bytes:
        opened = cast("IO[bytes]", source)  # that is what the standard library says that it needs
        if filename.endswith(".zip"):
            return _read_zip(source, _PKG_INFO, "PKG-INFO", None)
        if filename.endswith(".gz"):
            return _read_tar(gzip.GzipFile(fileobj=opened), limit)
        if filename.endswith(".bz2"):
            return _read_tar(bz2.BZ2File(opened), limit)
        return _read_tar(_XzStream(source), limit)

    return _guarded("zip" if filename.endswith(".zip") else "tar", file, read)


class _Source:
    """A reader that remembers its own error, to tell it from a fault of the archive."""

    def __init__(self, file: Reader) -> None:
        self._file = file
        self.error: Exception | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the file has
        return getattr(self._file, name)

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._file.read(size)
        except Exception as error:
            self.error = error
            raise


def _guarded(kind: str, file: Reader, read: Callable[["_Source"], bytes]) -> bytes:
    """Read an archive; whatever a broken one makes the standard library raise is its own fault."""
    source = _Source(file)
    try:
        with one_at_a_time:
            return read(source)
    except (InvalidDistributionError, MemoryError):
        raise
    except Exception as error:
        if source.error is not None:
            raise source.error from None
        reason = f"not a readable {kind} archive: {str(error) or type(error).__name__}"
        raise InvalidDistributionError(reason) from error


def _read_zip(
    file: Reader, wanted: re.Pattern[str], what: str, project: NormalizedName | None
) -> bytes:
    with zipfile.ZipFile(cast("IO[bytes]", _DirectoryLimit(file))) as archive:
        found = [
            (match, member)
            for member in archive.infolist()
            if (match := wanted.fullmatch(member.filename))
        ]
        if len(found) != 1:
            reason = f"{len(found)} {what} files" if found else f"no {what} file"
            raise InvalidDistributionError(f"the archive has {reason} where one belongs")
        match, member = found[0]
        if project and not canonicalize_name(match[1]).startswith(project):
            raise InvalidDistributionError(f"its {match[0]} is not that of {project}")
        if member.compress_type not in _STORED_OR_DEFLATED or member.flag_bits & _ENCRYPTED:
            raise InvalidDistributionError(f"its {what} is encrypted or of an unusual compression")
        if member.file_size > MAX_METADATA:
            raise InvalidDistributionError(f"its {what} is larger than {MAX_METADATA} bytes")
        with archive.open(member) as opened:
            # Without a size the whole stream would be unpacked, whatever the directory claims.
            metadata = opened.read(MAX_METADATA)
            if opened.read(1):  # at the end of the member its checksum is compared
                raise InvalidDistributionError(f"its {what} is larger than {MAX_METADATA} bytes")
            return metadata


def _read_tar(stream: Reader, limit: int) -> bytes:
    unpacked = _Unpacked(stream, limit)
    with tarfile.open(fileobj=cast("IO[bytes]", unpacked), mode="r:") as archive:
        for _ in range(MAX_MEMBERS):
            unpacked.begin_member()
            member = archive.next()
            if member is None:
                raise InvalidDistributionError("the archive has no PKG-INFO file where one belongs")
            if member.isreg() and _PKG_INFO.fullmatch(member.name):
                if member.size > MAX_METADATA:
                    raise InvalidDistributionError(
                        f"its PKG-INFO is larger than {MAX_METADATA} bytes"
                    )
                extracted = archive.extractfile(member)
                return extracted.read() if extracted else b""
            archive.members = []  # type: ignore[attr-defined] # it would keep all it has passed
    raise InvalidDistributionError(f"no PKG-INFO in its first {MAX_MEMBERS} members")


class _DirectoryLimit:
    """A file that refuses one large read: zipfile reads the whole directory in one call."""

    def __init__(self, file: Reader) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the file has
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY:
            raise InvalidDistributionError(
                f"the archive's directory is larger than {MAX_DIRECTORY} bytes"
            )
        return self._file.read(size)


class _Unpacked:
    """A decompressed stream for tarfile: forwards only, up to a limit.

    tarfile reads an extended header in one call of the length that the archive claims, keeps what
    global ones say for ever, follows a sparse map block by block, and passes over members by
    seeking. Whatever it reads beyond a few blocks for each member is one budget.
    """

    def __init__(self, stream: Reader, limit: int) -> None:
        self._stream, self._limit = stream, limit
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
            raise InvalidDistributionError(f"no PKG-INFO in its first {self._limit} bytes")
        if position < self._position:
            raise tarfile.ReadError("the members overlap")
        while self._position < position:
            if not self._read(min(position - self._position, MIB)):
                break
        return self._position

    def _read(self, size: int) -> bytes:
        if self._position + size > self._limit:
            raise InvalidDistributionError(f"no PKG-INFO in its first {self._limit} bytes")
        data = self._stream.read(size)
        self._position += len(data)
        return data


class _XzStream:
    """An xz stream read under a limit of memory, which `lzma.LZMAFile` has no way to set."""

    def __init__(self, file: Reader) -> None:
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
