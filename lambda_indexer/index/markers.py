"""The markers that clients put beside files: `.yanked` (PEP 592) and `.project-status` (PEP 792).

Each version of a marker is read once; an empty yank marker is not read at all.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from lambda_indexer.errors import ChangedError, ObjectMissingError, UnreadableError
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.model import (
    ProjectFile,
    ProjectPage,
    ProjectStatus,
    RefusedFile,
    StoredObject,
    Yank,
)
from lambda_indexer.ports import Parallel, Storage
from s3pypi.markers import InvalidMarkerError, one_line, parse_status

_LONGEST: Final = 16 * 1024
"""In bytes; of a longer yank marker only the beginning is read."""


def with_yanks(
    storage: Storage,
    parallel: Parallel,
    snapshot: Snapshot,
    files: Iterable[ProjectFile],
    previous: ProjectPage,
) -> list[ProjectFile]:
    """Give files the yanks of their current markers.

    Args:
        storage: the bucket.
        parallel: maps over markers in parallel.
        snapshot: of the project's directory.
        files: with any yanks.
        previous: the last page, which has what its markers say.

    Raises:
        ChangedError: a marker is no longer what was listed.
        StorageError: S3 refused or failed.
    """
    known = {file.yank.etag: file.yank for file in previous.records if file.yank}
    pairs = [(file, snapshot.yanks.get(file.filename)) for file in files]
    unknown = {marker.etag: marker for _, marker in pairs if marker and marker.etag not in known}

    def read(marker: StoredObject) -> Yank:
        return _read_yank(storage, snapshot.project.bucket, marker)

    known |= {yank.etag: yank for yank in parallel(read, unknown.values())}
    return [
        file if file.yank == yank else replace(file, yank=yank)
        for file, marker in pairs
        for yank in [known[marker.etag] if marker else None]
    ]


def status_of(
    storage: Storage, snapshot: Snapshot, previous: ProjectPage
) -> ProjectStatus | RefusedFile | None:
    """The project's status, or why its marker is invalid; None without a marker.

    Raises:
        ChangedError: the marker is no longer what was listed.
        StorageError: S3 refused or failed.
    """
    marker = snapshot.status
    if marker is None:
        return None
    if previous.status and previous.status.etag == marker.etag:
        return previous.status
    if marker.size > _LONGEST:
        return RefusedFile.of(marker, f"the marker is larger than {_LONGEST} bytes")
    try:
        status = parse_status(_read(storage, snapshot.project.bucket, marker))
    except UnreadableError as error:
        return RefusedFile.of(marker, f"the marker cannot be read: {error.reason}")
    except InvalidMarkerError as error:
        return RefusedFile.of(marker, str(error))
    return ProjectStatus(status.status, one_line(status.reason), marker.etag)


def _read_yank(storage: Storage, bucket: str, marker: StoredObject) -> Yank:
    """Read a yank marker; the file is yanked regardless of the marker's content."""
    try:
        text = _read(storage, bucket, marker).decode(errors="replace")
    except UnreadableError:
        text = ""
    return Yank(one_line(text), marker.etag)


def _read(storage: Storage, bucket: str, marker: StoredObject) -> bytes:
    if not marker.size:
        return b""
    end = min(marker.size, _LONGEST)
    try:
        return storage.get_range(bucket, marker.key, 0, end, marker.etag)
    except ObjectMissingError as error:
        raise ChangedError(str(error)) from error
