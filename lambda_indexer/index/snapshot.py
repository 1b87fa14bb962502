"""A project's directory as one LIST shows it, sorted by kinds of objects; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from lambda_indexer.index.places import Project
from lambda_indexer.model import ETag, ProjectFile, ProjectPage, RefusedFile, StoredObject
from s3pypi.distributions.filenames import EXTENSIONS, is_distribution
from s3pypi.layout import SIDECAR_EXTENSION, STATUS_MARKER, YANK_EXTENSION


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The objects in a project's directory.

    Attributes:
        project: the project.
        objects: all of them, including pages and other objects.
        files: wheels and sdists, by name.
        sidecars: the entity tags of metadata files, by the name of their wheel, whether that is
            there or not.
        yanks: the yank markers, by the name of their file.
        status: the status marker, None if there is none.
    """

    project: Project
    objects: tuple[StoredObject, ...]
    files: Mapping[str, StoredObject]
    sidecars: Mapping[str, ETag]
    yanks: Mapping[str, StoredObject]
    status: StoredObject | None

    @classmethod
    def of(cls, project: Project, objects: Iterable[StoredObject]) -> "Snapshot":
        """Sort the objects of a LIST."""
        objects = tuple(objects)
        named = [(stored.key[len(project.path) :], stored) for stored in objects]
        return cls(
            project,
            objects,
            {filename: stored for filename, stored in named if filename.endswith(EXTENSIONS)},
            {
                filename: stored.etag
                for filename, stored in _companions(named, SIDECAR_EXTENSION, (".whl",)).items()
            },
            _companions(named, YANK_EXTENSION, ("",)),
            next((stored for filename, stored in named if filename == STATUS_MARKER), None),
        )

    def with_sidecars(self, put: Mapping[str, ETag]) -> "Snapshot":
        """Add metadata files that were put during the LIST, which may not show them."""
        return replace(self, sidecars={**put, **self.sidecars}) if put else self

    @property
    def distributions(self) -> tuple[StoredObject, ...]:
        """Wheels and sdists."""
        return tuple(self.files.values())

    def missing(self, page: ProjectPage) -> tuple[str, ...]:
        """The distributions that a page knows and that are gone."""
        names = dict.fromkeys(
            file.filename for files in (page.unread, page.records, page.refused) for file in files
        )
        return tuple(name for name in names if name not in self.files and is_distribution(name))

    def confirms(self, record: ProjectFile | RefusedFile, stored: StoredObject) -> bool:
        """Whether a record still describes the file that is there, its sidecar included."""
        if not record.describes(stored):
            return False
        if isinstance(record, RefusedFile):
            return not record.again
        if record.sidecar is None:
            return not record.filename.endswith(".whl")
        return self.sidecars.get(record.filename) == record.sidecar.etag


def _companions(
    named: Iterable[tuple[str, StoredObject]], extension: str, of: tuple[str, ...]
) -> dict[str, StoredObject]:
    """The objects of an extension, by the name of the file that they belong to."""
    return {
        beside: stored
        for filename, stored in named
        if filename.endswith(extension)
        and (beside := filename.removesuffix(extension)).endswith(of)
    }
