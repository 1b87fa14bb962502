"""What a wheel needs for pip and uv to install it, and its METADATA; pure.

Each rule is one that at least one of the two applies; docs/architecture.md has the differences.
"""

import re
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.headers import read_fields
from s3pypi.distributions.source import MIB, Source
from s3pypi.distributions.zips import Zip

MAX_METADATA: Final = MIB
MAX_WHEEL: Final = MIB // 16  # of the file WHEEL

_INFO: Final = b".dist-info"
_NEEDED: Final = ("METADATA", "WHEEL", "RECORD")
_WHEEL_VERSION: Final = re.compile(rb"[ \t]*1\.[0-9]+[ \t]*")
_PURE: Final = re.compile(rb"true|false", re.IGNORECASE)
_SHOWN: Final = 80


def wheel_metadata(file: Source, project: NormalizedName) -> bytes:
    """Return METADATA.

    Args:
        file: the wheel.
        project: whose wheel it is.

    Raises:
        InvalidDistributionError: The wheel cannot be installed; the text is the reason.
    """
    archive = Zip(file)
    directory = _dist_info(archive, project)
    for needed in _NEEDED:
        if directory + needed.encode() not in archive.names:
            raise InvalidDistributionError(f"the archive has no {needed} file where one belongs")
    metadata = archive.read(directory + b"METADATA", MAX_METADATA)
    _check_wheel(archive.read(directory + b"WHEEL", MAX_WHEEL))
    return metadata


def _dist_info(archive: Zip, project: NormalizedName) -> bytes:
    """Return the path of the one directory that has the wheel's metadata, with its slash."""
    tops = {top for name in archive.names if (top := _top(name)).lower().endswith(_INFO)}
    if len(tops) != 1:
        reason = f"{len(tops)} .dist-info directories" if tops else "no .dist-info directory"
        raise InvalidDistributionError(f"the archive has {reason} where one belongs")
    [top] = tops
    shown = top[:_SHOWN].decode("ascii", "replace")
    name, hyphen, _ = top.removesuffix(_INFO).decode("ascii", "replace").rpartition("-")
    if not hyphen or canonicalize_name(name) != project:
        raise InvalidDistributionError(f"its {shown} is not that of {project}")
    inside = [name for name in archive.names if name.startswith(top)]
    if len({name.lower() for name in inside}) != len(inside):
        raise InvalidDistributionError(f"two names in its {shown} differ only in their case")
    return top + b"/"


def _top(name: bytes) -> bytes:
    return name[: name.find(b"/")] if b"/" in name else name


def _check_wheel(content: bytes) -> None:
    fields = read_fields(content, {"wheel-version", "root-is-purelib"})
    content.decode("utf-8")  # an error here is one of the archive's
    version = fields.get("wheel-version", [b""])[0]
    if not _WHEEL_VERSION.fullmatch(version):
        shown = version[:_SHOWN].decode("ascii", "replace")
        raise InvalidDistributionError(f"its WHEEL has the Wheel-Version {shown!r}, not 1.0")
    if not _PURE.fullmatch(fields.get("root-is-purelib", [b""])[0].strip()):
        raise InvalidDistributionError("its WHEEL does not say whether Root-Is-Purelib")
