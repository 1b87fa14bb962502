"""The files of a project, as its pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from packaging.version import Version

from lambda_indexer.model.objects import ETag, Sha256, StoredObject
from s3pypi.layout import fingerprint
from s3pypi.markers import one_line


@dataclass(frozen=True, slots=True)
class Sidecar:
    """The `.metadata` file beside a wheel (PEP 658, PEP 714).

    Attributes:
        sha256: of its bytes, which are the METADATA member's, byte for byte.
        etag: of the object, so that a LIST shows whether it is unchanged.
    """

    sha256: Sha256
    etag: ETag


@dataclass(frozen=True, slots=True)
class Yank:
    """The `.yanked` marker beside a file (PEP 592).

    Attributes:
        reason: for people; may be empty.
        etag: of the marker, so that a LIST shows whether it is unchanged.
    """

    reason: str
    etag: ETag


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """One distribution that the page lists.

    Attributes:
        filename: the object's name, byte for byte.
        version: parsed from the filename; `versions` shows it normalized (PEP 700).
        etag: of the version described; see `describes`.
        size: in bytes (PEP 700).
        sha256: of the whole file; the one hash published (pip takes the first it finds).
        upload_time: aware, in UTC: the S3 LastModified when this content was first indexed
            (PEP 700); it never moves after that.
        modified: the LastModified of the version described, None where that is `upload_time`.
        requires_python: as in the metadata, None if it is invalid (PEP 345, PEP 503).
        sidecar: for wheels only, because an sdist's metadata may change when it is built (PEP 658).
        yank: None unless the file is yanked.
        uploader: the ID of the principal who uploaded this version; None if unknown, empty if it
            stays unknown. See `index.uploaders`.
    """

    filename: str
    version: Version
    etag: ETag
    size: int
    sha256: Sha256
    upload_time: datetime
    requires_python: str | None = None
    sidecar: Sidecar | None = None
    yank: Yank | None = None
    modified: datetime | None = None
    uploader: str | None = None

    @property
    def last_modified(self) -> datetime:
        """When the version described was put; aware, in UTC."""
        return self.modified or self.upload_time

    def describes(self, stored: StoredObject) -> bool:
        """Whether this is the version that is stored.

        An entity tag is MD5 at best: other bytes may have the same one. So the time counts, too.
        """
        version = (self.etag, self.size, self.last_modified)
        return version == (stored.etag, stored.size, stored.last_modified)


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A distribution that is still to be read, and not listed until then.

    Attributes:
        filename: the object's name.
        sha256: of the content that was last listed under this name.
        upload_time: of that content; it is stored nowhere else.
    """

    filename: str
    sha256: Sha256
    upload_time: datetime


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A distribution that the index refuses to list, or an invalid marker.

    Attributes:
        filename: the object's name.
        etag: of the version that was read.
        size: in bytes.
        reason: for people, one line.
        again: whether the reason may disappear without a new version of the file, so that every
            run reads it again.
    """

    filename: str
    etag: ETag
    size: int
    reason: str
    again: bool = False

    @classmethod
    def of(cls, stored: StoredObject, reason: str, *, again: bool = False) -> "RefusedFile":
        """Refuse an object; the lines of the reason are joined."""
        return cls(stored.filename, stored.etag, stored.size, one_line(reason), again)

    def describes(self, stored: StoredObject) -> bool:
        """Whether this is the version that is stored."""
        return (self.etag, self.size) == (stored.etag, stored.size)

    @property
    def fingerprint(self) -> str:
        """See `fingerprint`. That of a file to be read again matches no version."""
        return fingerprint(self.filename, self.etag, self.size, again=self.again)


def newest_version(files: Sequence[ProjectFile]) -> Version | None:
    """Return the version that users most likely want: the newest final release.

    Args:
        files: of one project, newest version first.

    Returns:
        The version. It is a pre-release only if there is no final release, and yanked only if all
        are. None without files.
    """
    choice = [file for file in files if file.yank is None] or files
    final = (file.version for file in choice if not file.version.is_prerelease)
    return next(final, choice[0].version if choice else None)
