"""The markers that clients lay beside files: `.yanked` (PEP 592) and `.project-status` (PEP 792).

Each is read once for each version of it; an empty yank marker is not read at all.
"""

from lambda_indexer.errors import ChangedError, ObjectMissingError, UnreadableError
from lambda_indexer.model import ProjectStatus, StoredObject, Yank
from lambda_indexer.ports import Storage
from s3pypi.markers import InvalidMarkerError, one_line, parse_status

_LONGEST = 16 * 1024


def read_yank(storage: Storage, bucket: str, marker: StoredObject) -> Yank:
    """What a yank marker says; whatever it holds, the file is yanked.

    Raises:
        ChangedError: it is not what was listed any more.
        StorageError: it could not be read.
    """
    try:
        text = _read(storage, bucket, marker).decode(errors="replace")
    except UnreadableError:
        text = ""
    return Yank(one_line(text), marker.etag)


def read_status(storage: Storage, bucket: str, marker: StoredObject) -> ProjectStatus:
    """What a status marker says.

    Raises:
        InvalidMarkerError: it says nothing that PEP 792 knows; the text says why.
        ChangedError: it is not what was listed any more.
        StorageError: it could not be read.
    """
    if marker.size > _LONGEST:
        raise InvalidMarkerError(f"the marker is larger than {_LONGEST} bytes")
    try:
        said = parse_status(_read(storage, bucket, marker))
    except UnreadableError as error:
        raise InvalidMarkerError(f"the marker cannot be read: {error.reason}") from error
    return ProjectStatus(said.status, one_line(said.reason), marker.etag)


def _read(storage: Storage, bucket: str, marker: StoredObject) -> bytes:
    if not marker.size:
        return b""
    end = min(marker.size, _LONGEST)
    try:
        return storage.get_range(bucket, marker.key, 0, end, marker.etag)
    except ObjectMissingError as error:
        raise ChangedError(str(error)) from error
