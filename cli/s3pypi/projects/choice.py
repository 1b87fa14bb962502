"""Select the projects of an index by a pattern."""

import re
from fnmatch import fnmatchcase

from packaging.utils import NormalizedName

from s3pypi.bucket import Bucket
from s3pypi.errors import S3PyPIError
from s3pypi.pages.reading import read_root


def matching_projects(bucket: Bucket, prefix: str, pattern: str | None) -> list[NormalizedName]:
    """Return the projects whose name matches a pattern, sorted.

    Args:
        bucket: The bucket with the index.
        prefix: The index's prefix, without slashes around it.
        pattern: A shell pattern, in any spelling of the name; None for all projects.

    Raises:
        S3PyPIError: The index does not exist, or no project matches.
    """
    names = read_root(bucket, prefix)
    if pattern is None:
        return names
    normalized = re.sub(r"[-_.]+", "-", pattern).lower()
    chosen = [name for name in names if fnmatchcase(name, normalized)]
    if not chosen:
        raise S3PyPIError(
            f"no project matches {pattern!r} in s3://{bucket.name}/{prefix}; "
            "`s3pypi list` shows all projects"
        )
    return chosen
