"""Read the PKG-INFO of an sdist. Pure."""

import re
from typing import Final

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB, Source
from s3pypi.distributions.tars import read_member
from s3pypi.distributions.zips import Zip

MAX_METADATA: Final = MIB
_PKG_INFO: Final = re.compile(r"(?:\./)?[^/]+/PKG-INFO")


def zip_metadata(file: Source) -> bytes:
    """Return the PKG-INFO of a zip sdist.

    Raises:
        InvalidDistributionError: The archive is invalid, or has no PKG-INFO.
    """
    archive = Zip(file)
    found = [name for name in archive.names if _PKG_INFO.fullmatch(name.decode("ascii", "replace"))]
    if len(found) != 1:
        count = f"{len(found)} PKG-INFO files, not one," if found else "no PKG-INFO file"
        raise InvalidDistributionError(f"the archive has {count} in its top directories")
    return archive.read(found[0], MAX_METADATA)


def tar_metadata(file: Source, filename: str) -> bytes:
    """Return the PKG-INFO of a tar sdist.

    Args:
        file: The sdist, at its beginning.
        filename: The filename, whose extension determines the compression.

    Raises:
        InvalidDistributionError: The archive is invalid, or has no PKG-INFO.
    """
    return read_member(file, filename, _PKG_INFO, MAX_METADATA)
