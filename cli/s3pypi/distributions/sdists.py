"""The PKG-INFO of an sdist; pure."""

import re
from typing import Final

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB, Source
from s3pypi.distributions.tars import read_member
from s3pypi.distributions.zips import Zip

MAX_METADATA: Final = MIB
_PKG_INFO: Final = re.compile(r"(?:\./)?[^/]+/PKG-INFO")


def zip_metadata(file: Source) -> bytes:
    """Return PKG-INFO of an sdist that is a zip.

    Raises:
        InvalidDistributionError: It cannot be read; the text is the reason.
    """
    archive = Zip(file)
    found = [name for name in archive.names if _PKG_INFO.fullmatch(name.decode("ascii", "replace"))]
    if len(found) != 1:
        reason = f"{len(found)} PKG-INFO files" if found else "no PKG-INFO file"
        raise InvalidDistributionError(f"the archive has {reason} where one belongs")
    return archive.read(found[0], MAX_METADATA)


def tar_metadata(file: Source, filename: str) -> bytes:
    """Return PKG-INFO of an sdist that is a tar.

    Args:
        file: the sdist, from its first byte on.
        filename: its extension tells the compression.

    Raises:
        InvalidDistributionError: It cannot be read; the text is the reason.
    """
    return read_member(file, filename, _PKG_INFO, MAX_METADATA)
