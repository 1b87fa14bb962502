"""Read the METADATA of a wheel, and check that pip and uv can install it. Pure.

At least one of them enforces each rule; docs/architecture.md lists the differences.
"""

import csv
import re
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.headers import read_fields
from s3pypi.distributions.source import MIB, Source
from s3pypi.distributions.zips import Zip

MAX_METADATA: Final = MIB
MAX_WHEEL: Final = MIB // 16  # bytes of WHEEL
MAX_RECORD: Final = MIB  # bytes of RECORD; of a larger one, only the header is checked

_INFO: Final = b".dist-info"
_NEEDED: Final = ("METADATA", "WHEEL", "RECORD")
_WHEEL_VERSION: Final = re.compile(rb"[ \t]*[01](?:\.[0-9]+)+[ \t]*")
_COLUMNS: Final = 3  # in RECORD
_SHOWN: Final = 80


def wheel_metadata(file: Source, project: NormalizedName) -> bytes:
    """Return the METADATA of a wheel.

    Args:
        file: The wheel.
        project: The wheel's project.

    Raises:
        InvalidDistributionError: The wheel cannot be installed.
    """
    archive = Zip(file)
    directory = _dist_info(archive, project)
    for needed in _NEEDED:
        if directory + needed.encode() not in archive.names:
            raise InvalidDistributionError(f"the archive's .dist-info directory has no {needed}")
        if any(name.startswith(directory + needed.encode() + b"/") for name in archive.names):
            raise InvalidDistributionError(f"its {needed} is a directory as well")
    metadata = archive.read(directory + b"METADATA", MAX_METADATA)
    _check_wheel(archive.read(directory + b"WHEEL", MAX_WHEEL))
    if archive.size(directory + b"RECORD") <= MAX_RECORD:
        _check_record(archive.read(directory + b"RECORD", MAX_RECORD))
    else:
        archive.check(directory + b"RECORD")
    return metadata


def _dist_info(archive: Zip, project: NormalizedName) -> bytes:
    """Return the path of the dist-info directory, with a trailing slash."""
    tops = {top for name in archive.names if (top := _top(name)).lower().endswith(_INFO)}
    if len(tops) != 1:
        found = (
            f"{len(tops)} .dist-info directories, not one" if tops else "no .dist-info directory"
        )
        raise InvalidDistributionError(f"the archive has {found}")
    [top] = tops
    shown = top[:_SHOWN].decode("ascii", "replace")
    if not canonicalize_name(top.decode("ascii", "replace")).startswith(project):
        raise InvalidDistributionError(f"its {shown} directory is not named after {project}")
    inside = [name for name in archive.names if name.startswith(top)]
    if len({name.lower() for name in inside}) != len(inside):
        raise InvalidDistributionError(f"two names in its {shown} differ only in their case")
    return top + b"/"


def _top(name: bytes) -> bytes:
    return name[: name.find(b"/")] if b"/" in name else name


def _check_wheel(content: bytes) -> None:
    content.decode("utf-8")  # `archives` translates the error
    version = read_fields(content, {"wheel-version"}).get("wheel-version", [b""])[0]
    if not _WHEEL_VERSION.fullmatch(version):
        shown = version[:_SHOWN].decode("ascii", "replace")
        raise InvalidDistributionError(f"its WHEEL has the Wheel-Version {shown!r}, not 1.0")


def _check_record(content: bytes) -> None:
    """Check that each row has a path, a digest and an optional size, as uv requires."""
    for row in csv.reader(content.decode("utf-8").splitlines()):
        if row and (len(row) < _COLUMNS or not re.fullmatch("[0-9]*", row[_COLUMNS - 1])):
            raise InvalidDistributionError(f"its RECORD has the row {','.join(row)[:_SHOWN]!r}")
