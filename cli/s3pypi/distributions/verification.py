"""Whether a file is the distribution that its name says; the one rule for command and index."""

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
    alarm: Callable[[], object] = lambda: None,
) -> bytes:
    """Return the bytes of a wheel's METADATA or an sdist's PKG-INFO.

    Args:
        file: from its first byte on; seekable for a wheel and for a `.zip`.
        filename: with one of `filenames.EXTENSIONS`.
        project: the wheel's project; not needed for an sdist.
        alarm: see `source.Source`.

    Raises:
        InvalidDistributionError: The archive or its metadata file cannot be read.
    """
    if project is not None and is_wheel(filename):
        return read_wheel(file, project, alarm)
    return read_sdist(file, filename, alarm)


def verify(metadata: bytes, filename: str, project: NormalizedName | None = None) -> CoreMetadata:
    """Check that metadata and filename name the same project and version, as installers do.

    Args:
        metadata: of METADATA or PKG-INFO.
        filename: of the wheel or sdist.
        project: the project that it must belong to; None takes the metadata's word.

    Raises:
        InvalidDistributionError: They do not, or the metadata cannot be used.
    """
    said = parse_metadata(metadata, sdist=not is_wheel(filename))
    if said.name != (project or said.name):
        raise InvalidDistributionError(f"its metadata names the project {said.name}, not {project}")
    version = version_in(filename, said.name)
    if said.version != version:
        raise InvalidDistributionError(
            f"its metadata has version {said.version}, its filename has {version}"
        )
    return said
