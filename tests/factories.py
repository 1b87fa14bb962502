"""Create distributions in memory: small, reproducible, and valid by default."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from dataclasses import dataclass


@dataclass(frozen=True)
class Distribution:
    """A wheel or an sdist.

    Attributes:
        filename: its name.
        content: its bytes.
        metadata: the bytes of its METADATA or PKG-INFO.
    """

    filename: str
    content: bytes
    metadata: bytes


def metadata_of(name: str, version: str, *lines: str, metadata_version: str = "2.1") -> bytes:
    """Return core metadata with additional header lines."""
    head = (f"Metadata-Version: {metadata_version}", f"Name: {name}", f"Version: {version}")
    return ("\n".join([*head, *lines]) + "\n\nA description.\n").encode()


def archive_zip(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip with these members, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return out.getvalue()


def archive_tar(members: dict[str, bytes], mode: str = "gz") -> bytes:
    """Return a compressed tar with these members, in this order."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    if mode == "gz":
        return gzip.compress(out.getvalue(), mtime=0)
    return bz2.compress(out.getvalue()) if mode == "bz2" else lzma.compress(out.getvalue())


def wheel(
    name: str = "foo",
    version: str = "1.0",
    *lines: str,
    tag: str = "py3-none-any",
    build: str = "",
    filler: bytes = b"",
) -> Distribution:
    """Return a wheel that can be installed and imported.

    Args:
        name: the project's name; its escaped form is the module's.
        version: as in the filename.
        lines: further header lines of METADATA.
        tag: the compatibility tags.
        build: the build tag.
        filler: bytes of one further, stored member, to make it large.
    """
    module = name.replace("-", "_").replace(".", "_")
    escaped = name.replace("-", "_")
    info = f"{escaped}-{version}.dist-info"
    metadata = metadata_of(name, version, *lines)
    record = f"{module}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
    members = {f"{module}.py": f"__version__ = {version!r}\n".encode()}
    if filler:
        members[f"{module}.bin"] = filler
        record = f"{module}.bin,,\n{record}"
    members |= {
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        + b"".join(f"Tag: {one}\n".encode() for one in [tag]),
        f"{info}/RECORD": record.encode(),
    }
    middle = f"-{build}" if build else ""
    compression = zipfile.ZIP_STORED if filler else zipfile.ZIP_DEFLATED
    return Distribution(
        f"{escaped}-{version}{middle}-{tag}.whl", archive_zip(members, compression), metadata
    )


_BACKEND = """
from pathlib import Path

def build_wheel(directory, config_settings=None, metadata_directory=None):
    Path(directory, {wheel.filename!r}).write_bytes({wheel.content!r})
    return {wheel.filename!r}
"""


def sdist(
    name: str = "foo",
    version: str = "1.0",
    *lines: str,
    extension: str = ".tar.gz",
    filename: str | None = None,
) -> Distribution:
    """Return an sdist that can be built and installed, with its own build backend (PEP 517).

    Args:
        name: the project's name.
        version: as in PKG-INFO.
        lines: further header lines of PKG-INFO.
        extension: tells the format.
        filename: the file's name where it is not the usual one.
    """
    top = f"{name.replace('-', '_')}-{version}"
    metadata = metadata_of(name, version, *lines, metadata_version="2.2")
    built = wheel(name, version, *lines)
    members = {
        f"{top}/pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "backend"\n'
        b'backend-path = ["."]\n',
        f"{top}/backend.py": _BACKEND.format(wheel=built).encode(),
        f"{top}/PKG-INFO": metadata,
    }
    content = (
        archive_zip(members)
        if extension == ".zip"
        else archive_tar(members, extension.rpartition(".")[2])
    )
    return Distribution(filename or f"{top}{extension}", content, metadata)
