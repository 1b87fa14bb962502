"""A local file checked to be the distribution that its name says it is."""

import bz2
import gzip
import io
import lzma
import os
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from packaging.metadata import parse_email
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from s3pypi.digest import MIB, Digest, digest_of
from s3pypi.errors import DistributionError, UsageError
from s3pypi.filenames import (
    WHEEL,
    extension_of,
    parse_project,
    parse_version,
    parse_wheel,
    version_of,
)

# The indexer's limits, or it would refuse what was uploaded; `tests/contract` compares them.
MAX_METADATA = MIB
MAX_DIRECTORY = 8 * MIB
"""Of a zip."""
MAX_UNPACKED, MIN_UNPACKED, MAX_RATIO = 1024 * MIB, 64 * MIB, 100
"""How much of an unpacked sdist is searched for its PKG-INFO: so many times the file's size, but
no less than the one and no more than the other."""

_DECOMPRESS: dict[str, Callable[[IO[bytes]], io.BufferedIOBase]] = {
    ".tar.gz": lambda file: gzip.GzipFile(fileobj=file),
    ".tar.bz2": bz2.BZ2File,
    ".tar.xz": lzma.LZMAFile,
}
_UNREADABLE = (
    EOFError,
    LookupError,
    OSError,
    OverflowError,
    RuntimeError,  # zipfile's word for an encrypted member, and for an unknown method
    ValueError,
    lzma.LZMAError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the standard library raises on archives that are damaged, or made to do harm."""


@dataclass(frozen=True)
class Distribution:
    """A wheel or sdist that is fit to be uploaded.

    Attributes:
        path: Where it lies.
        project: From the wheel's filename, or from the sdist's metadata.
        version: From the filename; equal to the metadata's.
        digest: Its content as it was checked.
    """

    path: Path
    project: NormalizedName
    version: Version
    digest: Digest

    @property
    def filename(self) -> str:
        """The final part of the path, byte for byte."""
        return self.path.name


def read_distribution(path: Path) -> Distribution:
    """Check a file and return it as a distribution.

    The filename must parse, the file must be an archive, and the metadata in it must have the
    filename's project and version: installers refuse the file otherwise.

    Args:
        path: A regular file.

    Raises:
        FilenameError: The name is not a distribution's.
        DistributionError: The file cannot be read, or its metadata says something else.
    """
    extension = extension_of(path.name)
    try:
        with path.open("rb") as file:
            if extension == WHEEL:
                project, version = parse_wheel(path.name)
                named, stated = _identity(_wheel_metadata(file, project))
                if named != project:
                    raise DistributionError(f"its METADATA is of project {named!r}")
            else:
                project, stated = _identity(_sdist_metadata(file, extension))
                version = version_of(path.name, project)
            if stated != version:
                raise DistributionError(f"its metadata is of version {str(stated)!r}")
            return Distribution(path, project, version, digest_of(file))
    except _UNREADABLE as error:
        reason = str(error) or type(error).__name__
        raise DistributionError(f"cannot be read: {reason}") from error


def _identity(metadata: bytes) -> tuple[NormalizedName, Version]:
    """Return the name and version that core metadata states; its body does not matter here."""
    headers = re.split(rb"\r?\n\r?\n", metadata, maxsplit=1)[0]
    raw, _unparsed = parse_email(headers)
    try:
        return parse_project(raw.get("name", "")), parse_version(raw.get("version", ""))
    except UsageError as error:
        raise DistributionError(f"its metadata is wrong: {error}") from error


def _wheel_metadata(file: IO[bytes], project: NormalizedName) -> bytes:
    """Return a wheel's METADATA; the directory's name begins with the project's, as pip asks."""
    with _zip(file) as archive:
        member = _only(archive, r"[^/]+\.dist-info/METADATA")
        if not canonicalize_name(member.filename).startswith(project):
            raise DistributionError(f"{member.filename!r} is not of project {project!r}")
        return _read(archive, member)


def _sdist_metadata(file: IO[bytes], extension: str) -> bytes:
    """Return `{top}/PKG-INFO`; nothing is extracted, and nothing after it is read from a tar."""
    if extension == ".zip":
        with _zip(file) as archive:
            return _read(archive, _only(archive, r"[^/]+/PKG-INFO"))
    size = os.fstat(file.fileno()).st_size
    limit = min(MAX_UNPACKED, max(MIN_UNPACKED, MAX_RATIO * size))
    with (
        _DECOMPRESS[extension](file) as plain,
        tarfile.open(fileobj=_Capped(plain, limit), mode="r|") as tar,
    ):
        for member in tar:
            # Or a tar of millions of entries would be held in memory.
            tar.members = []  # type: ignore[attr-defined]
            if member.isfile() and re.fullmatch(r"(\./)?[^/]+/PKG-INFO", member.name):
                stream = tar.extractfile(member)
                return _limited(stream) if stream else b""
    raise DistributionError("has no top-level PKG-INFO")


def _zip(file: IO[bytes]) -> zipfile.ZipFile:
    return zipfile.ZipFile(cast("IO[bytes]", _DirectoryCapped(file)))


def _only(archive: zipfile.ZipFile, pattern: str) -> zipfile.ZipInfo:
    found = [member for member in archive.infolist() if re.fullmatch(pattern, member.filename)]
    if len(found) != 1:
        base = pattern.rpartition("/")[2]
        raise DistributionError(f"has {len(found) or 'no'} top-level {base}; there must be one")
    return found[0]


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise DistributionError("its metadata is compressed in a way that not all installers know")
    with archive.open(member) as stream:
        return _limited(stream)


def _limited(stream: IO[bytes]) -> bytes:
    content = stream.read(MAX_METADATA + 1)
    if len(content) > MAX_METADATA:
        raise DistributionError(f"its metadata is larger than {MAX_METADATA // MIB} MiB")
    return content


class _DirectoryCapped:
    """A file that refuses one large read: zipfile reads the whole directory in one call."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the file has
        return getattr(self._inner, name)

    def read(self, size: int = -1, /) -> bytes:
        """Read from the inner file.

        Raises:
            DistributionError: The limit is passed.
        """
        if size > MAX_DIRECTORY:
            raise DistributionError(f"its directory is larger than {MAX_DIRECTORY // MIB} MiB")
        return self._inner.read(size)


class _Capped(io.RawIOBase):
    """A stream that ends in an error once more has been read than an honest sdist needs."""

    def __init__(self, inner: io.BufferedIOBase, limit: int) -> None:
        self._inner = inner
        self._limit = self._left = limit

    def read(self, size: int = -1, /) -> bytes:
        """Read from the inner stream.

        Raises:
            DistributionError: The limit is passed.
        """
        block = self._inner.read(size)
        self._left -= len(block)
        if self._left < 0:
            raise DistributionError(f"has no PKG-INFO in its first {self._limit // MIB} MiB")
        return block
