"""The projects of an index that a pattern names."""

import re
from fnmatch import fnmatchcase

from packaging.utils import NormalizedName

from s3pypi.bucket import Bucket
from s3pypi.errors import S3PyPIError
from s3pypi.pages import read_root


def choose(bucket: Bucket, prefix: str, pattern: str | None) -> list[NormalizedName]:
    """Return the projects whose name matches a pattern, sorted.

    Args:
        bucket: Where the index is.
        prefix: The index's, without slashes around it.
        pattern: As of a shell; a name in it may be spelled in any way. None for all projects.

    Raises:
        S3PyPIError: There is no index, or no project matches.
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
