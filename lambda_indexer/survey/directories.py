"""The directories of a whole bucket, from one listing, with the objects that concern an index."""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from packaging.utils import NormalizedName

from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.places import Index, Project
from lambda_indexer.model import StoredObject
from s3pypi.distributions.filenames import EXTENSIONS
from s3pypi.layout import (
    PAGE_HTML,
    PAGE_JSON,
    SIDECAR_EXTENSION,
    STATUS_MARKER,
    YANK_EXTENSION,
    DirectoryPath,
    is_normalized,
    split_key,
)

_NAMES: Final = {"", PAGE_JSON, PAGE_HTML, STATUS_MARKER}
_EXTENSIONS: Final = (*EXTENSIONS, SIDECAR_EXTENSION, YANK_EXTENSION)


@dataclass(frozen=True, slots=True)
class _Names:
    index: Index
    projects: frozenset[Project]

    def __contains__(self, name: object) -> bool:
        return self.index.project(NormalizedName(str(name))) in self.projects


@dataclass(frozen=True, slots=True)
class Directories:
    """The directories of a bucket.

    Attributes:
        objects: the objects of each directory that matter to an index. Instead of their keys, which
            may be long, they have their filenames.
        projects: those that are projects.
        indexes: those that are indexes because a project is directly below them.
        kinds: determines the declared indexes.
    """

    objects: dict[DirectoryPath, list[StoredObject]]
    projects: frozenset[Project]
    indexes: frozenset[DirectoryPath]
    kinds: Kinds

    def is_index(self, path: DirectoryPath) -> bool:
        """Whether a directory is an index, declared or not."""
        return self.kinds.is_declared(path) or path in self.indexes

    def indexes_below(self, index: Index) -> tuple[str, ...]:
        """The indexes with projects below an index, relative to it and in order."""
        return tuple(
            path.removeprefix(index.path)
            for path in sorted(self.indexes)
            if path.startswith(index.path) and path != index.path
        )

    def names_on(self, index: Index) -> Container[NormalizedName]:
        """The names of an index's projects, without a copy of them."""
        return _Names(index, self.projects)

    def take(self, path: DirectoryPath) -> Iterator[StoredObject]:
        """Yield the objects of a directory with their keys, and remove them, to save memory."""
        objects = self.objects[path]
        while objects:
            stored = objects.pop()
            yield replace(stored, key=path + stored.key)


def list_directories(
    kinds: Kinds,
    bucket: str,
    prefix: str = "",
    names: Sequence[str] = (),
    *,
    on_object: Callable[[StoredObject], object] = lambda _: None,
) -> Directories:
    """List a bucket, and find the directories that are projects or indexes.

    Args:
        kinds: tells what a directory is.
        bucket: the bucket.
        prefix: only what is below it; empty, or slash-terminated.
        names: only these projects of the index at `prefix`, normalized; empty for everything.
        on_object: called with every object, also with those that matter to no index.

    Raises:
        StorageError: S3 refused or failed.
    """
    starts = [DirectoryPath(f"{prefix}{name}/") for name in names]
    objects: dict[DirectoryPath, list[StoredObject]] = {start: [] for start in starts}
    for start in starts or [DirectoryPath(prefix)]:
        for stored in kinds.pages.storage.walk(bucket, start):
            on_object(stored)
            has_place = stored.key.endswith("/") or split_key(stored.key) is not None
            if _concerns_index(stored) and has_place:
                directory = DirectoryPath(stored.key[: stored.key.rfind("/") + 1])
                objects.setdefault(directory, []).append(replace(stored, key=stored.filename))
    projects = frozenset(
        project
        for project in (Project(bucket, path) for path in objects if is_normalized(path))
        if _is_project(kinds, project, objects[project.path])
    )
    own = {project.path for project in projects}
    indexes = frozenset(each.index.path for each in projects) - own
    return Directories(objects, projects, indexes, kinds)


def _is_project(kinds: Kinds, project: Project, objects: Sequence[StoredObject]) -> bool:
    """Whether a directory is a project, by its files or by the page that keeps its name."""
    if kinds.holds_own(project, objects):
        return True
    if not kinds.keep_names or kinds.is_declared(project.path):
        return False
    there = any(stored.filename == PAGE_JSON for stored in objects)
    return there and kinds.keeps(kinds.pages.read_json(project))


def _concerns_index(stored: StoredObject) -> bool:
    """Whether an object is a distribution, a marker, a metadata file or a page, by its name."""
    return stored.filename in _NAMES or stored.filename.endswith(_EXTENSIONS)
