"""The layout of the bucket: the keys of projects, files, pages and markers.

Pure. Both the command and the Lambda function use it.
"""

import hashlib
from base64 import urlsafe_b64encode
from typing import Final, NewType

from packaging.utils import NormalizedName

from s3pypi.distributions import filenames
from s3pypi.distributions.filenames import is_distribution

SIDECAR_EXTENSION: Final = ".metadata"
YANK_EXTENSION: Final = ".yanked"
STATUS_MARKER: Final = ".project-status"
MAX_KEY: Final = 1024  # bytes of UTF-8, S3's own limit
MAX_PREFIX: Final = (
    MAX_KEY
    - len("//")
    - filenames.MAX_PROJECT_NAME
    - filenames.MAX_FILENAME
    - len(SIDECAR_EXTENSION)
)
"""Bytes of an index's prefix, without slashes around it. Every key in the index then fits."""

PAGE_JSON: Final = "index.json"
PAGE_HTML: Final = "index.html"

DirectoryPath = NewType("DirectoryPath", str)
"""The part of a key up to and including its last slash; empty at the bucket's root."""


def project_directory(prefix: str, project: NormalizedName) -> DirectoryPath:
    """Return the key prefix, ending in a slash, of everything that belongs to a project."""
    return DirectoryPath(f"{prefix}/{project}/" if prefix else f"{project}/")


def file_key(prefix: str, project: NormalizedName, filename: str) -> str:
    """Return the key of a distribution."""
    return project_directory(prefix, project) + filename


def status_key(prefix: str, project: NormalizedName) -> str:
    """Return the key of a project's status marker."""
    return project_directory(prefix, project) + STATUS_MARKER


def page_key(prefix: str, project: NormalizedName) -> str:
    """Return the key of a project's JSON page, which the indexer writes."""
    return project_directory(prefix, project) + PAGE_JSON


def root_page_key(prefix: str) -> str:
    """Return the key of an index's JSON page, which the indexer writes."""
    return f"{prefix}/{PAGE_JSON}" if prefix else PAGE_JSON


def split_key(key: str) -> tuple[DirectoryPath, str] | None:
    """Split an object's key into its directory and its filename.

    Returns:
        The parts; None if a segment is empty, `.` or `..`. Clients remove such segments from URLs
        (RFC 3986, section 5.2.4), so they cannot request the object.
    """
    *directories, filename = key.split("/")
    if any(segment in {"", ".", ".."} for segment in [*directories, filename]):
        return None
    return DirectoryPath("".join(f"{directory}/" for directory in directories)), filename


def project_name(directory: DirectoryPath) -> NormalizedName | None:
    """Return the project that a directory is named after; None if the name is invalid.

    The directory only belongs to the project if it is also spelled in normalized form; see
    `is_normalized`.
    """
    if len(directory.encode(errors="replace")) + len(PAGE_JSON) > MAX_KEY:
        return None  # the key of its page would be too long
    try:
        return filenames.project_name(directory.rstrip("/").rpartition("/")[2])
    except ValueError:
        return None


def is_normalized(directory: DirectoryPath) -> bool:
    """Return whether the last segment of a directory is a normalized project name (PEP 503)."""
    name = project_name(directory)
    return name is not None and f"/{directory}".endswith(f"/{name}/")


def is_marker(filename: str) -> bool:
    """Return whether a filename is that of a marker, which changes the project's page."""
    yanks = filename.endswith(YANK_EXTENSION)
    return filename == STATUS_MARKER or (
        yanks and is_distribution(filename.removesuffix(YANK_EXTENSION))
    )


def fingerprint(filename: str, etag: str, size: int, *, again: bool = False) -> str:
    """Return the twelve characters that a page has of a version of a file that it does not show.

    Args:
        filename: The last segment of its key.
        etag: Of the version, without quotation marks.
        size: In bytes.
        again: Whether this version could not be read, and each run tries it again.
    """
    name = f"/{filename}" if again else filename
    digest = hashlib.sha256(f"{etag}\n{size}\n{name}".encode(errors="replace")).digest()
    return urlsafe_b64encode(digest[:9]).decode()
