"""Check the destination of an upload before files are read."""

from pathlib import Path

from s3pypi.bucket import Bucket
from s3pypi.digest import MIB
from s3pypi.errors import ForbiddenError, MissingError, S3PyPIError
from s3pypi.layout import root_page_key
from s3pypi.pages.parsing import parse_page

LARGE = 64 * MIB
"""Reading a file of this size, in bytes, takes noticeable time."""
START = 512
"""The number of bytes that distinguish the page of an index from that of a project."""


def is_large(path: Path) -> bool:
    """Return whether reading a file takes noticeable time; True if its size is unknown."""
    try:
        return path.stat().st_size >= LARGE
    except OSError:
        return False


def check_destination(bucket: Bucket, prefix: str) -> None:
    """Check for problems that would make every upload fail.

    Raises:
        AwsError: The bucket, the credentials or the endpoint are wrong.
        S3PyPIError: The prefix is the directory of a project, not an index.
    """
    project = project_at(bucket, prefix)
    if project:
        raise S3PyPIError(
            f"nothing was uploaded: s3://{bucket.name}/{prefix}/ is the directory of project "
            f"{project}, not an index, so files below it would not be listed; check --prefix"
        )


def project_at(bucket: Bucket, prefix: str) -> str | None:
    """Return the project whose directory a prefix is, with one small request.

    Args:
        bucket: The bucket.
        prefix: The prefix of an index, without slashes around it.

    Returns:
        The project's name; None if the prefix is not a project's directory, or the page may not be
        read.

    Raises:
        AwsError: The bucket, the credentials or the endpoint are wrong.
    """
    key = root_page_key(prefix)
    try:
        start = bucket.read_start(key, START)
        if not prefix or not start or b'"projects"' in start:
            return None
        content = parse_page(bucket.get(key))
    except (MissingError, ForbiddenError):
        return None
    # The indexer marks pages of directories that only contain files of other projects. Such a
    # directory becomes an index with the first upload below it.
    if not isinstance(content.get("files"), list) or content.get("_foreign") is True:
        return None
    return str(content.get("name") or prefix.rpartition("/")[2])
