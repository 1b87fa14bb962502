"""Finding the deleted files of a version that versioning has kept."""

from collections.abc import Sequence

from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.bucket import Bucket, Deleted
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import version_in
from s3pypi.errors import S3PyPIError
from s3pypi.layout import YANK_EXTENSION, project_directory


def find_deleted(
    bucket: Bucket,
    prefix: str,
    project: NormalizedName,
    version: Version,
    filenames: Sequence[str] = (),
) -> list[Deleted]:
    """Return the deleted files of a version, a yank's marker before its file.

    Args:
        bucket: Where they were.
        prefix: The index's, without slashes around it.
        project: Whose version it is.
        version: Which.
        filenames: Those to find; by default all.

    Raises:
        S3PyPIError: There is none, or not one of each of these names.
    """
    directory = project_directory(prefix, project)
    found: dict[str, list[Deleted]] = {}
    for each in bucket.list_deleted(directory):
        filename = each.key.removeprefix(directory).removesuffix(YANK_EXTENSION)
        try:
            if version_in(filename, project) == version:
                found.setdefault(filename, []).append(each)
        except InvalidDistributionError:
            continue
    strange = [repr(each) for each in filenames if each not in found]
    if strange or not found:
        what = ", ".join(strange) or f"{project} {version}"
        raise S3PyPIError(
            f"no deleted file of {what} is in s3://{bucket.name}/{directory}; the bucket needs "
            "versioning, and keeps deleted files only for a time"
        )
    chosen = [found[name] for name in dict.fromkeys(filenames)] if filenames else found.values()
    return sorted((e for several in chosen for e in several), key=lambda e: e.key, reverse=True)
