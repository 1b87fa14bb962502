"""The pages of projects and of indexes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from packaging.utils import NormalizedName

from lambda_indexer.model.files import ProjectFile, RefusedFile, UnreadFile
from lambda_indexer.model.objects import ETag, Sha256
from s3pypi.distributions.facts import Facts
from s3pypi.markers import Status

MAX_SUMMARY: Final = 200
"""Characters of a project's summary that a root page shows."""

MAX_SHOWN: Final = 100
"""How many refused files a page shows with their reasons. It has fingerprints of the others."""


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
class About:
    """The facts about a project that its page shows.

    Attributes:
        filename: of the file whose metadata say so.
        sha256: of that file, to tell whether it is unchanged.
        facts: from its metadata.
        links: the dependencies that are projects of the same index, in order. They are looked up
            when the dependencies change, and by each rebuild, so they may be a day old.
    """

    filename: str
    sha256: Sha256
    facts: Facts
    links: tuple[NormalizedName, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """The content of a project's page, in order.

    Attributes:
        name: normalized (PEP 691).
        records: of the valid files, newest version first, then by filename.
        refused: by filename; the first `MAX_SHOWN`.
        unshown: the fingerprints of the refused files beyond those, in order.
        status: None without a valid marker, which means active.
        foreign: whether the directory holds only other projects' distributions. It is then no
            project of the index above it, and the page only says why they are refused.
        unread: what is known of files that are still to be read, by filename.
        about: None without files, or if their metadata have not been read yet.
    """

    name: NormalizedName
    records: tuple[ProjectFile, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
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
        refused: Iterable[RefusedFile] = (),
        status: ProjectStatus | None = None,
        *,
        unread: Iterable[UnreadFile] = (),
        unshown: Iterable[str] = (),
    ) -> "ProjectPage":
        """Make the page of these files, which may be in any order."""
        records = tuple(records)
        by_name = sorted(refused, key=lambda file: file.filename)
        more = {*unshown, *(file.fingerprint for file in by_name[MAX_SHOWN:])}
        # Versions are slow to compare, and most files share theirs with others.
        newest_first = sorted({file.version for file in records}, reverse=True)
        place = {version: number for number, version in enumerate(newest_first)}
        return cls(
            name,
            tuple(sorted(records, key=lambda file: (place[file.version], file.filename))),
            tuple(by_name[:MAX_SHOWN]),
            status,
            tuple(sorted(unread, key=lambda file: file.filename)),
            tuple(sorted(more)),
        )

    @property
    def summary(self) -> str:
        """The project's summary on the root page; empty if unknown, or if no file is listed."""
        return self.about.facts.summary[:MAX_SUMMARY] if self.about and self.files else ""

    @property
    def files(self) -> tuple[ProjectFile, ...]:
        """The files that the page lists: none of a quarantined project (PEP 792)."""
        withheld = self.status is not None and self.status.status is Status.QUARANTINED
        return () if withheld else self.records

    @property
    def versions(self) -> tuple[str, ...]:
        """The normalized versions that have files, newest first, each once (PEP 700)."""
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
        below: the paths of the indexes with projects below, relative, slash-terminated, in order,
            as of the last rebuild of the index.
    """

    projects: tuple[NormalizedName, ...] = ()
    summaries: Mapping[NormalizedName, str] = field(default_factory=dict)
    below: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        names: Iterable[NormalizedName],
        summaries: Mapping[NormalizedName, str] | None = None,
        below: Iterable[str] = (),
    ) -> "RootPage":
        """Make the page of these names, which may be in any order.

        Args:
            names: of the projects.
            summaries: by name; those of other projects and empty ones are left out.
            below: see the attribute.
        """
        projects = tuple(sorted(dict.fromkeys(names)))  # quick for names in order, as most are
        known = summaries or {}
        shown = {name: text for name in projects if (text := known.get(name))} if known else {}
        return cls(projects, shown, tuple(sorted(below)))
