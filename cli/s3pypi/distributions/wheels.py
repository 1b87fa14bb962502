"""Read the METADATA of a wheel, and check that pip and uv can install it. Pure.

At least one of them enforces each rule; docs/architecture.md lists the differences.
"""

import csv
import re
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from s3pypi.distributions.entry_points import check_entry_points
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.headers import read_fields
from s3pypi.distributions.source import MIB, Source
from s3pypi.distributions.zips import Zip

MAX_METADATA: Final = MIB
MAX_WHEEL: Final = MIB // 16  # bytes of WHEEL
MAX_ENTRY_POINTS: Final = MIB // 4  # bytes of entry_points.txt
MAX_RECORD: Final = MIB  # bytes; only the header of a larger RECORD is checked

_INFO: Final = b".dist-info"
_DATA: Final = b".data"
_SCHEMES: Final = {b"purelib", b"platlib", b"headers", b"scripts", b"data"}
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
    for name in archive.names:
        _check_data(name)
    metadata = archive.read(directory + b"METADATA", MAX_METADATA)
    _check_wheel(archive.read(directory + b"WHEEL", MAX_WHEEL))
    if archive.size(directory + b"RECORD") <= MAX_RECORD:
        _check_record(archive.read(directory + b"RECORD", MAX_RECORD))
    else:
        archive.check(directory + b"RECORD")
    if (entry_points := directory + b"entry_points.txt") in archive.names:
        check_entry_points(archive.read(entry_points, MAX_ENTRY_POINTS))
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
    _, _, version = top[: -len(_INFO)].decode("ascii", "replace").partition("-")
    try:
        Version(version or "0")
    except InvalidVersion as error:
        raise InvalidDistributionError(f"its {shown} directory has no valid version") from error
    inside = [name for name in archive.names if name.startswith(top)]
    if len({name.lower() for name in inside}) != len(inside):
        raise InvalidDistributionError(f"two names in its {shown} differ only in their case")
    return top + b"/"


def _check_data(name: bytes) -> None:
    """Check the path of a member of a .data directory, whose subdirectories are install schemes."""
    if not _top(name).endswith(_DATA):
        return
    _, *rest = re.sub(rb"/+", b"/", name).split(b"/", 2)
    if rest == [b""]:
        return
    if len(rest) < 2 or rest[0] not in _SCHEMES:  # noqa: PLR2004 - the scheme, and a path in it
        shown = name[:_SHOWN].decode("ascii", "replace")
        raise InvalidDistributionError(f"its {shown} is not in a known subdirectory of .data")


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
            raise InvalidDistributionError(
                f"its RECORD has the invalid row {','.join(row)[:_SHOWN]!r}"
            )
