"""Read what a run most likely needs while it lists its directory.

What was read counts only if the LIST shows the same version. Nothing is read before the lease is
acquired, so an event that another run covers costs no read.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol, TypeVar

from lambda_indexer.errors import StorageError
from lambda_indexer.index.inspection import SMALL
from lambda_indexer.index.page_store import CurrentPages, Pages
from lambda_indexer.index.places import Project
from lambda_indexer.model import ETag, ProjectPage, StoredObject

T = TypeVar("T")

MEMORY: Final = SMALL
"""Bytes of files that are read early for one project."""


class Begin(Protocol):
    """Begins a call, and returns what waits for its result, or raises its error."""

    def __call__(self, call: Callable[[], T], /) -> Callable[[], T]:
        """Begin the call."""


def at_once(call: Callable[[], T], /) -> Callable[[], T]:
    """Begin a call by making it; see `Begin`."""
    try:
        result = call()
    except Exception as problem:  # noqa: BLE001 - whoever waits for the result gets it
        error = problem

        def fail() -> T:
            raise error

        return fail
    return lambda: result


@dataclass(frozen=True, slots=True)
class Early:
    """What is read while a run lists its directory.

    Attributes:
        page: waits for the project's JSON page; None if it is not read early.
        files: waits for the content and the version of a file, by its key; None if it was not read.
    """

    page: Callable[[], CurrentPages] | None = None
    files: Mapping[str, Callable[[], tuple[bytes, ETag] | None]] = field(default_factory=dict)

    def body(self, stored: StoredObject) -> bytes | None:
        """The content of this version of a file, None if it was not read early."""
        try:
            found = self.files[stored.key]()
        except (KeyError, StorageError):
            return None
        return found[0] if found and found[1] == stored.etag else None


@contextmanager
def reading(
    begin: Begin, pages: Pages, project: Project, sizes: Mapping[str, int]
) -> Iterator[Early]:
    """Read a project's page, and then small files that events name and that it does not list.

    Args:
        begin: begins a read.
        pages: reads pages.
        project: the project.
        sizes: the files' sizes in bytes, by key, as their events say.

    Yields:
        What is read. No read is under way when the context ends.
    """
    page = begin(lambda: pages.read_json(project))

    def read(key: str) -> tuple[bytes, ETag] | None:
        current = page().page
        records = current.records if isinstance(current, ProjectPage) else ()
        if any(key == project.path + record.filename for record in records):
            return None
        return pages.storage.get(project.bucket, key, plain=True)

    left, files = MEMORY, {}
    for key, size in sizes.items():
        if size <= left:
            left -= size
            files[key] = begin(partial(read, key))
    try:
        yield Early(page, files)
    finally:
        for each in (page, *files.values()):
            at_once(each)
