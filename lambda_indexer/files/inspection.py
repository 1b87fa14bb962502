"""Read the digest and the metadata of one distribution in the bucket, in bounded memory.

A small file is read once, as a whole. The digest of a large one is S3's own SHA-256 if it has one,
and its metadata are read by ranges; otherwise all of it is read in order, ahead of the hash. Every
request names the version that LIST showed, so that digest, metadata and size are of one version.
"""

import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final

from packaging.utils import NormalizedName

from lambda_indexer.errors import TimeIsUpError
from lambda_indexer.files.budget import Budget
from lambda_indexer.files.read_ahead import CONNECTIONS, blocks
from lambda_indexer.files.readers import HashingReader, RangeReader
from lambda_indexer.model import ProjectFile, Sha256, StoredObject
from lambda_indexer.ports import Storage
from s3pypi.distributions.filenames import project_of, version_in
from s3pypi.distributions.source import MIB, Reader
from s3pypi.distributions.verification import read_metadata, verify

SMALL: Final = 8 * MIB

# Of all small files that are read at the same time.
_memory: Final = Budget(8 * SMALL)

# One file that is read in full uses the whole bandwidth, and the whole window of memory.
_one_at_a_time: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Inspection:
    """The content of a file.

    Attributes:
        file: its record, still without a sidecar.
        metadata: the exact bytes of a wheel's METADATA; None for an sdist (PEP 658).
        text: the bytes of METADATA or PKG-INFO, whichever it has.
        notice: a problem that is no reason to refuse the file, None if there is none.
    """

    file: ProjectFile
    metadata: bytes | None
    text: bytes
    notice: str | None = None


def inspect(
    storage: Storage,
    bucket: str,
    stored: StoredObject,
    project: NormalizedName,
    in_time: Callable[[], bool] = lambda: True,
    *,
    body: bytes | None = None,
) -> Inspection:
    """Read a distribution in a project's directory; `body` is its content, if that is known.

    Raises:
        InvalidDistributionError: it cannot be listed; the text says why.
        TimeIsUpError: the time was up before it was read to its end.
        StorageError: it could not be read, or not in the version that `stored` names.
    """
    version = version_in(stored.filename, project)  # without a request for a name that is wrong
    sha256, metadata = _read(storage, bucket, stored, project, in_time, body=body)
    wheel = stored.filename.endswith(".whl")
    verified = verify(metadata, stored.filename, project)
    file = ProjectFile(
        filename=stored.filename,
        version=version,
        etag=stored.etag,
        size=stored.size,
        sha256=sha256,
        upload_time=stored.last_modified,
        requires_python=verified.requires_python,
    )
    return Inspection(file, metadata if wheel else None, metadata, verified.notice)


def project_inside(storage: Storage, bucket: str, stored: StoredObject) -> NormalizedName:
    """The project of a distribution anywhere, by its filename or else by its metadata.

    Raises:
        InvalidDistributionError: neither determines it.
        StorageError: it could not be read.
    """
    name = project_of(stored.filename)
    if name is not None:
        return name
    metadata = _read(storage, bucket, stored, None)[1]
    return verify(metadata, stored.filename).name


def digest(
    storage: Storage,
    bucket: str,
    stored: StoredObject,
    in_time: Callable[[], bool] = lambda: True,
) -> Sha256:
    """The SHA-256 of an object, which is read in full if S3 does not know it."""
    known = storage.sha256(bucket, stored.key, stored.etag)
    if known is not None:
        return known
    with _in_order(storage, bucket, stored, in_time, whole=True) as file:
        return file.drain()


def _read(
    storage: Storage,
    bucket: str,
    stored: StoredObject,
    project: NormalizedName | None,
    in_time: Callable[[], bool] = lambda: True,
    *,
    body: bytes | None = None,
) -> tuple[Sha256, bytes]:
    """The digest of the file and the bytes of its metadata."""
    name = stored.filename

    def check_time() -> None:
        if not in_time():
            raise TimeIsUpError("there was no time to read a whole file")

    def metadata_in(file: Reader) -> bytes:
        return read_metadata(file, name, project, check_time)

    def whole(body: bytes) -> tuple[Sha256, bytes]:
        metadata = metadata_in(io.BytesIO(body))
        return Sha256(hashlib.sha256(body).hexdigest()), metadata

    if stored.size <= SMALL:
        if body is not None:
            return whole(body)
        with _memory.take(stored.size):
            return whole(storage.get(bucket, stored.key, stored.etag, plain=True)[0])
    if name.endswith((".whl", ".zip")):
        metadata = metadata_in(RangeReader(storage, bucket, stored))
        return digest(storage, bucket, stored, in_time), metadata
    known = storage.sha256(bucket, stored.key, stored.etag)
    with _in_order(storage, bucket, stored, in_time, whole=known is None) as file:
        metadata = metadata_in(file)
        return known or file.drain(), metadata


@contextmanager
def _in_order(
    storage: Storage, bucket: str, stored: StoredObject, in_time: Callable[[], bool], *, whole: bool
) -> Iterator[HashingReader]:
    """An object from its beginning on, ahead of the reader where all of it will be read."""

    def fetch(start: int, end: int) -> bytes:
        return storage.get_range(bucket, stored.key, start, end, stored.etag)

    turn, ahead = (_one_at_a_time, CONNECTIONS) if whole else (nullcontext(), 1)
    with turn, blocks(fetch, stored.size, ahead) as found:
        yield HashingReader(found, in_time)
