"""Find the files of a version in the bucket."""

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
    """The objects of one version.

    Attributes:
        files: The keys of its distributions, sorted.
        markers: The keys of their `.yanked` markers, sorted, including those without a file.
    """

    files: tuple[str, ...]
    markers: tuple[str, ...]


def find_release(
    bucket: Bucket, prefix: str, project: NormalizedName, version: Version, *, orphans: bool
) -> Release:
    """Find a version, however it is spelled in filenames.

    Args:
        bucket: The bucket to search.
        prefix: The index's prefix, without slashes around it.
        project: The project.
        version: The version.
        orphans: Whether a marker without a distribution is enough.

    Raises:
        S3PyPIError: The version does not exist; the message lists existing versions.
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
