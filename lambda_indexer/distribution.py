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
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any, Final, Protocol, cast

from packaging.metadata import parse_email
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from lambda_indexer.errors import IndexerError, InvalidDistributionError

MIB: Final = 1 << 20
MAX_METADATA: Final = MIB
MAX_DIRECTORY: Final = 8 * MIB  # of a zip; about 60,000 members
MAX_HEADERS: Final = 2 * MIB  # extended headers of a tar, all together, and its PKG-INFO
MAX_UNPACKED: Final = 1024 * MIB  # of a tar, before its PKG-INFO; and if it is small,
MIN_UNPACKED: Final = 64 * MIB  # this, or if that is more,
MAX_RATIO: Final = 100  # this many times its size
MAX_MEMBERS: Final = 200_000
MAX_DICTIONARY: Final = 80 * MIB  # of xz; its highest preset needs 65
MAX_METADATA_MAJOR: Final = 2
MAX_FIELD: Final = 512  # of metadata that an index needs, in characters
MAX_FIELDS: Final = 200  # of different names

_METADATA: Final = re.compile(r"([^/]+)\.dist-info/METADATA")
_PKG_INFO: Final = re.compile(r"(?:\./)?[^/]+/PKG-INFO")
_STORED_OR_DEFLATED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1

# zipfile keeps about 600 bytes a member, so the largest directory allowed takes some 100 MiB; xz
# may need its whole dictionary, and the parser of metadata some forty times their size.
# Inspections run in parallel; these parts of them one after the other.
_one_at_a_time: Final = threading.Lock()


class Reader(Protocol):
    """What the archives are read through: forwards for tars, seekable for zips."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; empty at the end."""


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """The fields of METADATA or PKG-INFO that an index needs.

    Attributes:
        name: normalised.
        version: parsed.
        requires_python: the specifier as written, None when it is absent, cannot be parsed,
            or is declared Dynamic (PEP 643).
        notice: something to report that is no reason to refuse the file, None if there is nothing.
    """

    name: NormalizedName
    version: Version
    requires_python: str | None
    notice: str | None = None


def read_wheel(file: Reader, project: NormalizedName) -> bytes:
    """The bytes of a wheel's METADATA.

    Args:
        file: seekable; its end is the archive's end.
        project: whose wheel it is; its dist-info directory begins with this name, which is
            the rule by which pip and uv find it.

    Raises:
        InvalidDistributionError: with the reason for people.
    """
    return _guarded("zip", lambda: _read_zip(file, _METADATA, "METADATA", project))


def read_sdist(file: Reader, filename: str, size: int) -> bytes:
    """The bytes of an sdist's PKG-INFO.

    Args:
        file: from its first byte on; for a `.zip` it is seekable.
        filename: its extension tells the format.
        size: of the file, in bytes; how far it may unpack depends on it.

    Raises:
        InvalidDistributionError: with the reason for people.
    """
    opened = cast("IO[bytes]", file)  # that is what the standard library says that it needs
    limit = min(MAX_UNPACKED, max(MIN_UNPACKED, MAX_RATIO * size))
    if filename.endswith(".zip"):
        return _guarded("zip", lambda: _read_zip(file, _PKG_INFO, "PKG-INFO", None))
    if filename.endswith(".gz"):
        return _guarded("tar", lambda: _read_tar(gzip.GzipFile(fileobj=opened), limit))
    if filename.endswith(".bz2"):
        return _guarded("tar", lambda: _read_tar(bz2.BZ2File(opened), limit))
    return _guarded("tar", lambda: _read_tar(_XzStream(file), limit))


def parse_metadata(metadata: bytes, *, sdist: bool) -> CoreMetadata:
    """Parse METADATA or PKG-INFO, leniently in all that an index does not need.

    Args:
        metadata: the bytes.
        sdist: a field that an sdist declares Dynamic may be another when it is built; in a wheel
            it is final (PEP 643).

    Raises:
        InvalidDistributionError: no usable Name or Version, or a metadata version of the future.
    """
    _check_fields(metadata)
    with _one_at_a_time:
        raw, _ = parse_email(metadata)
    for value in (raw.get("metadata_version"), raw.get("name"), raw.get("version")):
        if value is not None and len(value) > MAX_FIELD:
            raise InvalidDistributionError(f"a field of its metadata is longer than {MAX_FIELD}")
    written = raw.get("metadata_version", "1.0")
    if not written.partition(".")[0].isdecimal():
        raise InvalidDistributionError(f"its Metadata-Version {written!r} is not a version")
    if int(written.partition(".")[0]) > MAX_METADATA_MAJOR:
        raise InvalidDistributionError(f"its Metadata-Version {written} is newer than this index")
    try:
        name = canonicalize_name(raw.get("name", ""), validate=True)
    except ValueError as error:
        raise InvalidDistributionError("its metadata has no valid Name") from error
    try:
        version = Version(raw.get("version", ""))
    except InvalidVersion as error:
        raise InvalidDistributionError("its metadata has no valid Version") from error
    dynamic = {field.lower() for field in raw.get("dynamic", [])} if sdist else set()
    requires_python = None if "requires-python" in dynamic else raw.get("requires_python")
    valid = valid_specifier(requires_python)
    notice = None
    if requires_python and valid is None:
        notice = (
            f"its Requires-Python {requires_python[:MAX_FIELD]!r} cannot be read; it is left out"
        )
    return CoreMetadata(name, version, valid, notice)


@lru_cache(maxsize=1024)
def valid_specifier(text: str | None) -> str | None:
    """A Requires-Python as it is if every installer can read it, else None."""
    if not text or len(text) > MAX_FIELD or not text.isprintable():
        return None
    try:
        return text if str(SpecifierSet(text)) else None
    except InvalidSpecifier:
        return None


def _check_fields(metadata: bytes) -> None:
    """Refuse more different fields than there can be: the parser's time is their square."""
    names = set()
    for line in metadata.split(b"\n"):
        name, colon, _ = line.partition(b":")
        if line[:1] in {b" ", b"\t"}:
            continue
        if not colon:
            break  # the headers end with an empty line, or with one that is none
        names.add(name.lower())
        if len(names) > MAX_FIELDS:
            raise InvalidDistributionError(f"its metadata have more than {MAX_FIELDS} fields")


def _guarded(kind: str, read: Callable[[], bytes]) -> bytes:
    """Whatever a broken archive makes the standard library raise is the archive's fault."""
    try:
        with _one_at_a_time:
            return read()
    except (IndexerError, MemoryError):
        raise
    except Exception as error:
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
