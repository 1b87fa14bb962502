"""Decide how each file that a run reads is listed, and put its sidecar."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from lambda_indexer.errors import ChangedError, ObjectMissingError, TimeIsUpError, UnreadableError
from lambda_indexer.files.inspection import inspect
from lambda_indexer.index.about import Candidates
from lambda_indexer.index.prefetch import Prefetched
from lambda_indexer.index.sidecars import put_sidecar, sidecar_key
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.model import (
    ProjectFile,
    RefusedFile,
    Sha256,
    Sidecar,
    StoredObject,
    UnreadFile,
)
from lambda_indexer.ports import Storage
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.layout import MAX_KEY, SIDECAR_EXTENSION

Record: TypeAlias = ProjectFile | RefusedFile
Before: TypeAlias = ProjectFile | RefusedFile | UnreadFile | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision about one file.

    Attributes:
        filename: the file.
        now: its record on the next page, None if it has none.
        unread: what is known of a file that has no record because there was no time to read it.
        read: whether there was time to read it.
        overwritten: whether it had other content before.
        stale: whether the CDN may have cached other content, of the file or of its sidecar.
        notice: a problem of a file that is listed nevertheless.
    """

    filename: str
    now: Record | None = None
    unread: UnreadFile | None = None
    read: bool = True
    overwritten: bool = False
    stale: bool = False
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Decider:
    """Decides about the files of one directory.

    Attributes:
        storage: the bucket.
        snapshot: of the directory.
        candidates: for the file whose metadata the page shows.
        in_time: whether there is still time to read files.
        prefetched: files that were read before.
    """

    storage: Storage
    snapshot: Snapshot
    candidates: Candidates
    in_time: Callable[[], bool]
    prefetched: Prefetched

    def decide(self, stored: StoredObject, before: Before) -> Decision:
        """Read a file, if there is time, and decide how it is listed.

        Args:
            stored: the file.
            before: what the last page said of it.

        Raises:
            ChangedError: the directory has changed since the snapshot.
            StorageError: S3 refused or failed.
        """
        now: Record | None = None
        notice = None
        try:
            if self.in_time():
                now, notice = self._read(stored, before)
        except InvalidDistributionError as error:
            now = RefusedFile.of(stored, str(error))
        except UnreadableError as error:
            now = self._still_listed(stored, before)
            if now:
                notice = f"{stored.filename}: {error}; it stays listed as it was"
            else:
                now = RefusedFile.of(stored, error.reason, again=True)
        except ObjectMissingError as error:
            raise ChangedError(str(error)) from error
        except TimeIsUpError:
            pass
        if now is None:
            return self._postponed(stored, before)
        put_again = isinstance(before, UnreadFile) or bool(before and not before.describes(stored))
        overwritten = put_again and not _same_content(before, now)
        stale = put_again or self._sidecar_changed(now)
        return Decision(stored.filename, now, overwritten=overwritten, stale=stale, notice=notice)

    def _read(self, stored: StoredObject, before: Before) -> tuple[ProjectFile, str | None]:
        """Describe a file, and put its sidecar before any page advertises it."""
        project = self.snapshot.project
        if len(sidecar_key(project, stored.filename).encode()) > MAX_KEY:
            what = f"its key would be too long for S3 with {SIDECAR_EXTENSION}"
            raise InvalidDistributionError(what)
        found = self.prefetched.inspection(stored) or inspect(
            self.storage, project.bucket, stored, project.name, self.in_time
        )
        self.candidates.offer(found)
        file = found.file
        if not isinstance(before, RefusedFile) and before and before.sha256 == file.sha256:
            first, now = before.upload_time, stored.last_modified
            file = replace(file, upload_time=first, modified=None if now == first else now)
        if found.metadata is not None:
            file = replace(file, sidecar=self._put_sidecar(stored, found.metadata))
        return file, found.notice and f"{stored.filename}: {found.notice}"

    def _put_sidecar(self, stored: StoredObject, metadata: bytes) -> Sidecar:
        filename, project = stored.filename, self.snapshot.project
        there = self.snapshot.sidecars.get(filename)
        sha256 = Sha256(hashlib.sha256(metadata).hexdigest())
        md5 = hashlib.md5(metadata, usedforsecurity=False).hexdigest()
        if there and there in {md5, self.prefetched.sidecar(stored)}:
            return Sidecar(sha256, there)
        return Sidecar(sha256, put_sidecar(self.storage, project, filename, metadata, there))

    def _postponed(self, stored: StoredObject, before: Before) -> Decision:
        """Decide about a file that there was no time to read."""
        now: Record | None = self._still_listed(stored, before)
        unread = before if isinstance(before, UnreadFile) else None
        if isinstance(before, RefusedFile) and self.snapshot.confirms(before, stored):
            now = before
        if isinstance(before, ProjectFile) and now is None:
            unread = UnreadFile(before.filename, before.sha256, before.upload_time)
        return Decision(stored.filename, now, unread, read=False)

    def _still_listed(self, stored: StoredObject, before: Before) -> ProjectFile | None:
        """Return the record of a file that cannot be read now, if it still describes the file.

        So a permission that the function has lost takes nothing from a page.
        """
        if not isinstance(before, ProjectFile):
            return None
        if (before.etag, before.size) != (stored.etag, stored.size):
            return None
        there = self.snapshot.sidecars.get(stored.filename)
        same = before.sidecar and there == before.sidecar.etag
        return before if same else replace(before, sidecar=None)

    def _sidecar_changed(self, now: Record) -> bool:
        """Whether there was another sidecar beside a file."""
        there = self.snapshot.sidecars.get(now.filename)
        sidecar = now.sidecar if isinstance(now, ProjectFile) else None
        return bool(sidecar and there and there != sidecar.etag)


def _same_content(before: Before, now: Record) -> bool:
    """Whether two records have the same content, even if it was uploaded again."""
    if isinstance(now, ProjectFile) and isinstance(before, ProjectFile | UnreadFile):
        return before.sha256 == now.sha256
    return False
