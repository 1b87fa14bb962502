"""A project's directory as one LIST shows it, sorted into what it is made of; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lambda_indexer.index.places import Project
from lambda_indexer.model import ProjectFile, QuarantinedFile, StoredObject
from s3pypi.distributions.filenames import EXTENSIONS
from s3pypi.layout import SIDECAR_EXTENSION, STATUS_MARKER, YANK_EXTENSION


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What lies in a project's directory.

    Attributes:
        project: whose directory it is.
        objects: all of them, foreign ones and pages included.
        files: wheels and sdists, by name.
        sidecars: by the name of the wheel that they belong to, whether it is there or not.
        yanks: the yank markers, by the name of the file that they belong to.
        status: the status marker, None when there is none.
    """

    project: Project
    objects: tuple[StoredObject, ...]
    files: Mapping[str, StoredObject]
    sidecars: Mapping[str, StoredObject]
    yanks: Mapping[str, StoredObject]
    status: StoredObject | None

    @classmethod
    def of(cls, project: Project, objects: Iterable[StoredObject]) -> "Snapshot":
        """Sort the objects of a LIST."""
        objects = tuple(objects)
        named = [(stored.filename, stored) for stored in objects]
        return cls(
            project,
            objects,
            {filename: stored for filename, stored in named if filename.endswith(EXTENSIONS)},
            _beside(named, SIDECAR_EXTENSION, (".whl",)),
            _beside(named, YANK_EXTENSION, ("",)),
            next((stored for filename, stored in named if filename == STATUS_MARKER), None),
        )

    @property
    def distributions(self) -> tuple[StoredObject, ...]:
        """Wheels and sdists."""
        return tuple(self.files.values())

    def confirms(self, record: ProjectFile | QuarantinedFile, stored: StoredObject) -> bool:
        """Whether a record still describes the file that is there, its sidecar included."""
        if (record.etag, record.size) != (stored.etag, stored.size):
            return False
        if isinstance(record, QuarantinedFile):
            return not record.again
        # Entity tags are MD5 at best: other bytes may have the same one.
        if (record.modified or record.upload_time) != stored.last_modified:
            return False
        if record.sidecar is None:
            return not record.filename.endswith(".whl")
        sidecar = self.sidecars.get(record.filename)
        return sidecar is not None and sidecar.etag == record.sidecar.etag


def _beside(
    named: Iterable[tuple[str, StoredObject]], extension: str, of: tuple[str, ...]
) -> dict[str, StoredObject]:
    """The objects of an extension, by the name of what they lie beside."""
    return {
        beside: stored
        for filename, stored in named
        if filename.endswith(extension)
        and (beside := filename.removesuffix(extension)).endswith(of)
    }
