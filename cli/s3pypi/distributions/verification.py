"""Check that a file is the distribution that its name claims; used by the command and the index."""

from collections.abc import Callable

from packaging.utils import NormalizedName

from s3pypi.distributions.archives import read_sdist, read_wheel
from s3pypi.distributions.core_metadata import CoreMetadata, parse_metadata
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import is_wheel, version_in
from s3pypi.distributions.source import Reader


def read_metadata(
    file: Reader,
    filename: str,
    project: NormalizedName | None = None,
    check_time: Callable[[], object] = lambda: None,
) -> bytes:
    """Return the bytes of a wheel's METADATA or an sdist's PKG-INFO.

    Args:
        file: The file, at its beginning; seekable for a wheel and a `.zip`.
        filename: A filename with one of `filenames.EXTENSIONS`.
        project: The wheel's project; not needed for an sdist.
        check_time: See `source.Source`.

    Raises:
        InvalidDistributionError: The archive or its metadata file cannot be read.
    """
    if project is not None and is_wheel(filename):
        return read_wheel(file, project, check_time)
    return read_sdist(file, filename, check_time)


def verify(metadata: bytes, filename: str, project: NormalizedName | None = None) -> CoreMetadata:
    """Check that the metadata and the filename have the same project and version, as installers do.

    Args:
        metadata: The content of METADATA or PKG-INFO.
        filename: The filename of the wheel or sdist.
        project: The expected project; None to use the one in the metadata.

    Raises:
        InvalidDistributionError: They differ, or the metadata is invalid.
    """
    parsed = parse_metadata(metadata, sdist=not is_wheel(filename))
    if parsed.name != (project or parsed.name):
        raise InvalidDistributionError(
            f"its metadata names the project {parsed.name}, not {project}"
        )
    version = version_in(filename, parsed.name)
    if parsed.version != version:
        raise InvalidDistributionError(
            f"its metadata has version {parsed.version}, its filename has {version}"
        )
    return parsed
