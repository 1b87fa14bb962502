"""Find the deleted files of a version in a bucket with versioning."""

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
    """Return the deleted files of a version, each after its yank marker.

    Args:
        bucket: The bucket to search.
        prefix: The index's prefix, without slashes around it.
        project: The project.
        version: The version.
        filenames: Limits the search to these files; by default, all files.

    Raises:
        S3PyPIError: There is no deleted file, or none with one of the names.
    """
    directory = project_directory(prefix, project)
    there = {each.key.removeprefix(directory): each for each in bucket.list_deleted(directory)}
    found = [name for name in there if _is_of(name, project, version)]
    strange = [repr(each) for each in filenames if each not in found]
    if strange or not found:
        what = ", ".join(strange) or f"{project} {version}"
        raise S3PyPIError(
            f"no deleted file of {what} is in s3://{bucket.name}/{directory}; the bucket needs "
            "versioning, and keeps deleted files only for a time"
        )
    restored: list[Deleted] = []
    for name in dict.fromkeys(filenames) or found:
        marker = there.get(name + YANK_EXTENSION)
        # `delete` deletes a marker after its file. If it was deleted earlier, the file was
        # unyanked.
        if marker and marker.when >= there[name].when:
            restored.append(marker)
        restored.append(there[name])
    return restored


def _is_of(filename: str, project: NormalizedName, version: Version) -> bool:
    try:
        return version_in(filename, project) == version
    except InvalidDistributionError:
        return False
