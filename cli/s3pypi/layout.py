"""The keys of the bucket that the command reads and writes."""

import re

from packaging.utils import NormalizedName

from s3pypi.errors import UsageError

YANKED = ".yanked"
STATUS = ".project-status"


def parse_prefix(text: str) -> str:
    """Return an index's prefix as it stands in keys: without slashes around it, or empty.

    Args:
        text: What the user wrote, for example `/team/` or nothing.

    Raises:
        UsageError: A segment is empty, `.` or `..`, or a character is a control or not UTF-8.
    """
    prefix = text.strip("/")
    if prefix and (
        any(segment in {"", ".", ".."} for segment in prefix.split("/"))
        or re.search(r"[\x00-\x1f\x7f\\\ud800-\udfff]", prefix)
    ):
        raise UsageError(f"not a prefix: {text!r}; write it like 'team/stable', in UTF-8")
    return prefix


def project_directory(prefix: str, project: NormalizedName) -> str:
    """Return the key prefix, ending in a slash, of everything that belongs to a project."""
    return f"{prefix}/{project}/" if prefix else f"{project}/"


def file_key(prefix: str, project: NormalizedName, filename: str) -> str:
    """Return the key of a distribution."""
    return project_directory(prefix, project) + filename


def status_key(prefix: str, project: NormalizedName) -> str:
    """Return the key of the marker that says a project's status."""
    return project_directory(prefix, project) + STATUS


def page_key(prefix: str, project: NormalizedName) -> str:
    """Return the key of a project's JSON page, which the indexer writes."""
    return project_directory(prefix, project) + "index.json"
