"""The metadata inside a wheel or an sdist: pure over a file object, and bounded against any input.

Nothing is extracted. Limits on sizes and counts decide first, so that the command and the function
give the same answer everywhere. What stays below them and is slow all the same, on purpose, is
refused after `source.MAX_SECONDS` of processor time.
"""

from collections.abc import Callable

from packaging.utils import NormalizedName

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.sdists import tar_metadata, zip_metadata
from s3pypi.distributions.source import Reader, Source
from s3pypi.distributions.wheels import wheel_metadata


def read_wheel(
    file: Reader, project: NormalizedName, alarm: Callable[[], object] = lambda: None
) -> bytes:
    """Return the bytes of a wheel's METADATA.

    Args:
        file: seekable; its end is the archive's end.
        project: whose wheel it is; its dist-info directory has this name.
        alarm: see `source.Source`.

    Raises:
        InvalidDistributionError: The wheel cannot be installed; the text is the reason.
    """
    return _guarded("zip", file, alarm, lambda source: wheel_metadata(source, project))


def read_sdist(file: Reader, filename: str, alarm: Callable[[], object] = lambda: None) -> bytes:
    """Return the bytes of an sdist's PKG-INFO.

    Args:
        file: from its first byte on; for a `.zip` it is seekable.
        filename: its extension tells the format.
        alarm: see `source.Source`.

    Raises:
        InvalidDistributionError: The sdist cannot be read; the text is the reason.
    """
    if filename.endswith(".zip"):
        return _guarded("zip", file, alarm, zip_metadata)
    return _guarded("tar", file, alarm, lambda source: tar_metadata(source, filename))


def _guarded(
    kind: str, file: Reader, alarm: Callable[[], object], read: Callable[[Source], bytes]
) -> bytes:
    """Read an archive; whatever a broken one makes the standard library raise is its own fault."""
    source = Source(file, alarm)
    try:
        return read(source)
    except (InvalidDistributionError, MemoryError):
        raise
    except Exception as error:
        if source.error is not None:
            raise source.error from None
        reason = f"not a readable {kind} archive: {str(error) or type(error).__name__}"
        raise InvalidDistributionError(reason) from error
