"""The files of one version, as a project's directory in the bucket shows them."""

from dataclasses import dataclass

from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.bucket import Bucket
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import version_in
from s3pypi.errors import S3PyPIError
from s3pypi.layout import YANK_EXTENSION, project_directory


@dataclass(frozen=True)
class Release:
    """What the bucket holds of one version.

    Attributes:
        files: The keys of its distributions, sorted.
        markers: The keys of their `.yanked` markers, sorted; also of distributions that are gone.
    """

    files: tuple[str, ...]
    markers: tuple[str, ...]


def find_release(
    bucket: Bucket, prefix: str, project: NormalizedName, version: Version, *, orphans: bool
) -> Release:
    """Look for a version, however its number is written in the files' names.

    Args:
        bucket: Where to look.
        prefix: The index's, without slashes around it.
        project: Whose version it is.
        version: Which.
        orphans: Whether a version is there as long as a marker is, without a distribution.

    Raises:
        S3PyPIError: It is not there; the message names the versions that are.
    """
    directory = project_directory(prefix, project)
    files: list[str] = []
    markers: list[str] = []
    versions: set[Version] = set()
    for key in bucket.list(directory):
        is_marker = key.endswith(YANK_EXTENSION)
        try:
            of = version_in(key.removeprefix(directory).removesuffix(YANK_EXTENSION), project)
        except InvalidDistributionError:
            continue
        if orphans or not is_marker:
            versions.add(of)
        if of == version:
            (markers if is_marker else files).append(key)
    if version not in versions:
        there = ", ".join(map(str, sorted(versions))) or "no version"
        raise S3PyPIError(
            f"{project} {version} is not in s3://{bucket.name}/{directory}; there is {there}"
        )
    return Release(tuple(sorted(files)), tuple(sorted(markers)))
