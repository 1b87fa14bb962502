"""The content of the pages: frozen values without a clock, the same for HTML and JSON.

The names are those of the Simple Repository API; each field cites its rule.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NewType

from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.distributions.facts import Facts
from s3pypi.layout import fingerprint
from s3pypi.markers import Status, one_line

ETag = NewType("ETag", str)
"""An entity tag of S3, without the quotation marks. Opaque: not always a digest (KMS, parts)."""

Sha256 = NewType("Sha256", str)
"""64 lowercase hexadecimal digits."""


MAX_SUMMARY: Final = 200
"""Characters of a project's summary that a root page shows."""

MAX_SHOWN: Final = 100
"""How many quarantined files a page shows with their reasons. It has fingerprints of the others."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as a LIST or a HEAD shows it.

    Attributes:
        key: the whole key.
        etag: of the current version.
        size: in bytes.
        last_modified: aware, in UTC.
    """

    key: str
    etag: ETag
    size: int
    last_modified: datetime

    @property
    def filename(self) -> str:
        """The last segment of the key."""
        return self.key.rpartition("/")[2]

    @property
    def fingerprint(self) -> str:
        """See `fingerprint`."""
        return fingerprint(self.filename, self.etag, self.size)


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
class ProjectStatus:
    """The `.project-status` marker of a project (PEP 792).

    Attributes:
        status: the status.
        reason: for people; may be empty.
        etag: of the marker, so that a LIST shows whether it is unchanged.
    """

    status: Status
    reason: str
    etag: ETag


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """One distribution that the page offers.

    Attributes:
        filename: the object's name, byte for byte.
        version: parsed from the filename; `versions` shows it normalised (PEP 700).
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
    """A distribution that is still to be read, and not offered until then.

    Attributes:
        filename: the object's name.
        sha256: of the content that was last offered under this name.
        upload_time: of that content; it is stored nowhere else.
    """

    filename: str
    sha256: Sha256
    upload_time: datetime


@dataclass(frozen=True, slots=True)
class QuarantinedFile:
    """A distribution that cannot be offered, or an invalid marker.

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
    def of(cls, stored: StoredObject, reason: str, *, again: bool = False) -> "QuarantinedFile":
        """Quarantine an object, for a reason in whatever lines."""
        return cls(stored.filename, stored.etag, stored.size, one_line(reason), again)

    def describes(self, stored: StoredObject) -> bool:
        """Whether this is the version that is stored."""
        return (self.etag, self.size) == (stored.etag, stored.size)

    @property
    def fingerprint(self) -> str:
        """See `fingerprint`. That of a file to be read again matches no version."""
        return fingerprint(self.filename, self.etag, self.size, again=self.again)


@dataclass(frozen=True, slots=True)
class About:
    """What a project's page tells people about the project.

    Attributes:
        filename: of the file whose metadata say so.
        sha256: of that file, to tell whether it is unchanged.
        facts: from its metadata.
    """

    filename: str
    sha256: Sha256
    facts: Facts


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """The content of a project's page, in order.

    Attributes:
        name: normalised (PEP 691).
        records: of the files that could be offered, newest version first, then by filename.
        quarantined: by filename; the first `MAX_SHOWN`.
        unshown: the fingerprints of the quarantined files beyond those, in order.
        status: None without a valid marker, which means active.
        foreign: whether the directory holds only other projects' distributions. It is then no
            project of the index above it, and the page only says why they are not offered.
        unread: what is known of files that are still to be read, by filename.
        about: None without files, or if their metadata have not been read yet.
    """

    name: NormalizedName
    records: tuple[ProjectFile, ...] = ()
    quarantined: tuple[QuarantinedFile, ...] = ()
    status: ProjectStatus | None = None
    unread: tuple[UnreadFile, ...] = ()
    unshown: tuple[str, ...] = ()
    foreign: bool = False
    about: About | None = None

    @classmethod
    def of(
        cls,
        name: NormalizedName,
        records: Iterable[ProjectFile],
        quarantined: Iterable[QuarantinedFile] = (),
        status: ProjectStatus | None = None,
        *,
        unread: Iterable[UnreadFile] = (),
        unshown: Iterable[str] = (),
    ) -> "ProjectPage":
        """Make the page of these files, whatever order they come in."""
        records = tuple(records)
        refused = sorted(quarantined, key=lambda file: file.filename)
        more = {*unshown, *(file.fingerprint for file in refused[MAX_SHOWN:])}
        # Versions are slow to compare, and most files share theirs with others.
        newest_first = sorted({file.version for file in records}, reverse=True)
        place = {version: number for number, version in enumerate(newest_first)}
        return cls(
            name,
            tuple(sorted(records, key=lambda file: (place[file.version], file.filename))),
            tuple(refused[:MAX_SHOWN]),
            status,
            tuple(sorted(unread, key=lambda file: file.filename)),
            tuple(sorted(more)),
        )

    @property
    def summary(self) -> str:
        """What the root page says of the project; empty if nothing is known or nothing offered."""
        return self.about.facts.summary[:MAX_SUMMARY] if self.about and self.files else ""

    @property
    def files(self) -> tuple[ProjectFile, ...]:
        """The files offered: none of a quarantined project (PEP 792)."""
        withheld = self.status is not None and self.status.status is Status.QUARANTINED
        return () if withheld else self.records

    @property
    def versions(self) -> tuple[str, ...]:
        """The normalised versions that have files, newest first, each once (PEP 700)."""
        # Each object once, for most are shared; then each text, for 1.0 and 1.0.0 are two of them.
        objects = {id(file.version): file.version for file in self.files}
        return tuple(dict.fromkeys(map(str, objects.values())))


@dataclass(frozen=True, slots=True)
class RootPage:
    """The list of an index's projects.

    Attributes:
        projects: their names, in order.
        summaries: the summaries that are known, by name. They may be a day old: only a rebuild of
            the index, and a run that writes the page anyway, bring them up to date.
    """

    projects: tuple[NormalizedName, ...] = ()
    summaries: Mapping[NormalizedName, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, names: Iterable[NormalizedName], summaries: Mapping[NormalizedName, str] | None = None
    ) -> "RootPage":
        """Make the page of these names, whatever order they come in.

        Args:
            names: of the projects.
            summaries: by name; those of other projects and empty ones are left out.
        """
        projects = tuple(sorted(dict.fromkeys(names)))  # quick for names in order, as most are
        if not summaries:
            return cls(projects)
        return cls(projects, {name: text for name in projects if (text := summaries.get(name))})


def newest_version(files: Sequence[ProjectFile]) -> Version | None:
    """The version that people are likely to look for: the newest final release.

    Args:
        files: of one project, newest version first.

    Returns:
        The version. It is a pre-release only if there is no final release, and yanked only if all
        are. None without files.
    """
    offered = [file for file in files if file.yank is None] or files
    final = (file.version for file in offered if not file.version.is_prerelease)
    return next(final, offered[0].version if offered else None)
