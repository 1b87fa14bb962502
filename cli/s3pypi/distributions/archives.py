"""Read the metadata file in a wheel or an sdist, with limits on memory and time. Pure.

Nothing is extracted. Limits on sizes and counts apply first, so that the command and the function
always have the same result. Archives that are slow below these limits are refused after
`source.MAX_SECONDS` of processor time.
"""

from collections.abc import Callable

from packaging.utils import NormalizedName

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.sdists import tar_metadata, zip_metadata
from s3pypi.distributions.source import Reader, Source
from s3pypi.distributions.wheels import wheel_metadata


def read_wheel(
    file: Reader, project: NormalizedName, check_time: Callable[[], object] = lambda: None
) -> bytes:
    """Return the bytes of a wheel's METADATA.

    Args:
        file: A seekable file.
        project: The wheel's project, which its dist-info directory is named after.
        check_time: See `source.Source`.

    Raises:
        InvalidDistributionError: The wheel cannot be installed.
    """
    return _guarded("zip", file, check_time, lambda source: wheel_metadata(source, project))


def read_sdist(
    file: Reader, filename: str, check_time: Callable[[], object] = lambda: None
) -> bytes:
    """Return the bytes of an sdist's PKG-INFO.

    Args:
        file: The file, at its beginning; seekable for a `.zip`.
        filename: The filename, whose extension determines the format.
        check_time: See `source.Source`.

    Raises:
        InvalidDistributionError: The sdist cannot be read.
    """
    if filename.endswith(".zip"):
        return _guarded("zip", file, check_time, zip_metadata)
    return _guarded("tar", file, check_time, lambda source: tar_metadata(source, filename))


def _guarded(
    kind: str, file: Reader, check_time: Callable[[], object], read: Callable[[Source], bytes]
) -> bytes:
    """Read an archive, and translate the exceptions that a broken one makes the library raise."""
    source = Source(file, check_time)
    try:
        return read(source)
    except (InvalidDistributionError, MemoryError):
        raise
    except Exception as error:
        if source.error is not None:
            raise source.error from None
        reason = f"not a readable {kind} archive: {str(error) or type(error).__name__}"
        raise InvalidDistributionError(reason) from error
