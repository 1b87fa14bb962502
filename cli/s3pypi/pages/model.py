"""A project's page: its files, its status, and the files that the index refuses."""

from dataclasses import dataclass
from datetime import datetime

from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.markers import Status


@dataclass(frozen=True)
class ListedFile:
    """A file on a page; also a file of a quarantined project.

    Attributes:
        filename: The filename, which is the last segment of the key.
        version: The version in the filename; None if it has no valid one.
        size: The size in bytes; None if unknown.
        sha256: The SHA-256 in hexadecimal.
        etag: The ETag of the indexed object.
        uploaded: When this content was first indexed; None if unknown.
        requires_python: The Requires-Python of its metadata.
        yanked: The reason of the yank, which may be empty; None if the file is not yanked.
        uploader: The ID of the principal who uploaded the file; None if it is unknown.
    """

    filename: str
    version: Version | None
    size: int | None
    sha256: str
    etag: str
    uploaded: datetime | None
    requires_python: str | None
    yanked: str | None
    uploader: str | None = None


@dataclass(frozen=True)
class RefusedFile:
    """A file in the project's directory that the index does not list.

    Attributes:
        filename: The filename, which is the last segment of the key.
        etag: The ETag of the refused object.
        reason: The reason, for people.
    """

    filename: str
    etag: str
    reason: str


@dataclass(frozen=True)
class ProjectPage:
    """The content of a project's page.

    Attributes:
        name: The project's name.
        status: The project's status (PEP 792).
        reason: The reason for the status; may be empty.
        files: The files in the order of the page, newest version first.
        refused: The first hundred refused files, sorted by filename.
        unshown: Fingerprints of the other refused files; see `layout.fingerprint`.
    """

    name: NormalizedName
    status: Status
    reason: str
    files: tuple[ListedFile, ...]
    refused: tuple[RefusedFile, ...]
    unshown: frozenset[str] = frozenset()

    @property
    def versions(self) -> tuple[Version, ...]:
        """The distinct versions of the files, in the order of the page."""
        return tuple(dict.fromkeys(each.version for each in self.files if each.version))
