"""Choose the file whose metadata a project's page shows, and read them if necessary."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile, takewhile
from typing import Final, TypeAlias

from packaging.version import Version

from lambda_indexer.errors import (
    ChangedError,
    ObjectMissingError,
    TimeIsUpError,
    UnreadableError,
)
from lambda_indexer.files.inspection import Inspection, inspect
from lambda_indexer.index.sidecars import sidecar_key
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.model import About, ProjectFile, ProjectPage, newest_version
from lambda_indexer.ports import Storage
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.facts import read_facts

_Rank: TypeAlias = tuple[bool, bool, Version, bool, str]

_MOST_READ: Final = 8 * 1024 * 1024  # bytes of an sdist that is read for this alone


@dataclass(frozen=True, slots=True)
class _Candidate:
    rank: _Rank
    file: ProjectFile
    metadata: bytes


class Candidates:
    """Keeps the metadata of the best of the files that a run reads, and of no other."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Start without a candidate.

        Args:
            snapshot: of the project's directory.
        """
        self._snapshot = snapshot
        self._lock = threading.Lock()
        self._best: _Candidate | None = None

    def offer(self, found: Inspection) -> None:
        """Consider a file that was read; may be called from any thread."""
        file = found.file
        rank = _rank(file, yanked=file.filename in self._snapshot.yanks)
        with self._lock:
            if self._best is None or self._best.rank < rank:
                self._best = _Candidate(rank, file, found.text)

    def choose(
        self, storage: Storage, files: Sequence[ProjectFile], previous: ProjectPage
    ) -> About | None:
        """Choose the file, and return its facts for the page.

        This takes no request if this run has read the file, or if the last page shows the same
        file; otherwise one.

        Args:
            storage: the bucket.
            files: of the page, newest version first.
            previous: the last page.

        Returns:
            None if there are no files, or if the chosen one cannot be read now.

        Raises:
            ChangedError: the directory has changed since the snapshot.
            StorageError: S3 refused or failed.
        """
        newest = newest_version(files)
        if newest is None:
            return None
        of_newest = takewhile(
            lambda file: file.version == newest,
            dropwhile(lambda file: file.version is not newest, files),
        )
        file = max(of_newest, key=lambda file: _rank(file, yanked=bool(file.yank)))
        best = self._best
        if best is not None and best.file.filename == file.filename:
            return About(file.filename, file.sha256, read_facts(best.metadata))
        about = previous.about
        if about is not None and (about.filename, about.sha256) == (file.filename, file.sha256):
            return about
        try:
            metadata = self._read(storage, file)
        except ObjectMissingError as error:
            raise ChangedError(str(error)) from error
        except (InvalidDistributionError, TimeIsUpError, UnreadableError):
            return None
        return None if metadata is None else About(file.filename, file.sha256, read_facts(metadata))

    def _read(self, storage: Storage, file: ProjectFile) -> bytes | None:
        project = self._snapshot.project
        if file.sidecar is not None:
            key = sidecar_key(project, file.filename)
            return storage.get(project.bucket, key, file.sidecar.etag)[0]
        stored = {stored.filename: stored for stored in self._snapshot.distributions}[file.filename]
        if stored.size > _MOST_READ:
            return None
        return inspect(storage, project.bucket, stored, project.name).text


def _rank(file: ProjectFile, *, yanked: bool) -> _Rank:
    """Rank a file; users most likely want the one with the highest rank.

    As in `model.newest_version`; then wheels, whose metadata are final (PEP 643).
    """
    version = file.version
    return (
        not yanked,
        not version.is_prerelease,
        version,
        file.filename.endswith(".whl"),
        file.filename,
    )
