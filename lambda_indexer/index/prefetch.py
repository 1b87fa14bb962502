"""Read what a run most likely needs while it lists its directory, and put new metadata files.

What was read counts only if the LIST shows the same version. Nothing is read before the lease is
acquired, so an event that another run covers costs no read.

A metadata file that is put here replaces nothing. If the LIST does not show its wheel after all,
the run deletes it like any other metadata file without a wheel.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol, TypeVar

from lambda_indexer.errors import StorageError
from lambda_indexer.files.inspection import SMALL, Inspection, inspect
from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Project
from lambda_indexer.index.sidecars import put_sidecar
from lambda_indexer.model import ETag, ProjectPage, StoredObject
from lambda_indexer.ports import Storage
from s3pypi.distributions.errors import InvalidDistributionError

T = TypeVar("T")

MEMORY: Final = SMALL
"""The most bytes of files that are prefetched for one project."""

_UNKNOWN: Final = datetime.min.replace(tzinfo=UTC)
"""The modification time of what was read; only the LIST shows it."""


class Submit(Protocol):
    """Starts a call, and returns a function that waits for its result or raises its error."""

    def __call__(self, call: Callable[[], T], /) -> Callable[[], T]:
        """Start the call."""


def call_now(call: Callable[[], T], /) -> Callable[[], T]:
    """Make a call instead of starting it; see `Submit`."""
    try:
        result = call()
    except Exception as problem:  # noqa: BLE001 - whoever waits for the result gets it
        error = problem

        def fail() -> T:
            raise error

        return fail
    return lambda: result


@dataclass(frozen=True, slots=True)
class PrefetchedFile:
    """A prefetched file.

    Attributes:
        stored: the version that was read.
        inspection: what is in it; raises `InvalidDistributionError` if it cannot be listed.
        sidecar: the metadata file that was put, None if none was.
    """

    stored: StoredObject
    inspection: Callable[[], Inspection]
    sidecar: ETag | None = None


@dataclass(frozen=True, slots=True)
class Prefetched:
    """What is read while a run lists its directory.

    Attributes:
        page: waits for the project's JSON page; None if it is not prefetched.
        files: waits for a file, by its key; None if it was not read.
    """

    page: Callable[[], CurrentPages] | None = None
    files: Mapping[str, Callable[[], PrefetchedFile | None]] = field(default_factory=dict)

    def file(self, key: str) -> PrefetchedFile | None:
        """A file, whatever its version; None if it was not prefetched."""
        with suppress(KeyError, StorageError):
            return self.files[key]()
        return None

    def sidecar(self, stored: StoredObject) -> ETag | None:
        """The metadata file that was put for this version of a file, None if none was."""
        file = self.file(stored.key)
        return file.sidecar if file and file.stored.etag == stored.etag else None

    def inspection(self, stored: StoredObject) -> Inspection | None:
        """What is in this version of a file, None if it was not prefetched.

        Raises:
            InvalidDistributionError: it cannot be listed.
        """
        file = self.file(stored.key)
        if file is None or file.stored.etag != stored.etag:
            return None
        found = file.inspection()
        return replace(found, file=replace(found.file, upload_time=stored.last_modified))

    @property
    def sidecars(self) -> dict[str, ETag]:
        """Waits for all files; the metadata files that were put, by the name of their wheel."""
        files = [file for file in map(self.file, self.files) if file]
        return {file.stored.filename: file.sidecar for file in files if file.sidecar}


@contextmanager
def prefetching(
    submit: Submit, pages: Pages, project: Project, sizes: Mapping[str, int]
) -> Iterator[Prefetched]:
    """Read a project's page, and then small files that events name and that it does not list.

    The metadata file of a wheel is put if there is none.

    Args:
        submit: starts a read.
        pages: reads pages.
        project: the project.
        sizes: the files' sizes in bytes, by key, as their events say.

    Yields:
        What is read. No request is under way when the context ends.
    """
    page = submit(lambda: pages.read_json(project))

    def read(key: str) -> PrefetchedFile | None:
        current = page().page
        records = current.records if isinstance(current, ProjectPage) else ()
        filename = key.removeprefix(project.path)
        if any(record.filename == filename for record in records):
            return None
        return _read(pages.storage, project, key)

    left, files = MEMORY, {}
    for key, size in sizes.items():
        if size <= left:
            left -= size
            files[key] = submit(partial(read, key))
    try:
        yield Prefetched(page, files)
    finally:
        for each in (page, *files.values()):
            call_now(each)


def _read(storage: Storage, project: Project, key: str) -> PrefetchedFile:
    body, etag = storage.get(project.bucket, key, plain=True)
    stored = StoredObject(key, etag, len(body), _UNKNOWN)
    inspection = call_now(lambda: inspect(storage, project.bucket, stored, project.name, body=body))
    sidecar = None
    with suppress(InvalidDistributionError, StorageError):  # whoever decides about it meets them
        if (metadata := inspection().metadata) is not None:
            sidecar = put_sidecar(storage, project, stored.filename, metadata, None)
    return PrefetchedFile(stored, inspection, sidecar)
