"""Make the next page from a snapshot and the last page; only changed files are read."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from lambda_indexer.errors import ChangedError, ObjectMissingError, TimeIsUpError, UnreadableError
from lambda_indexer.index.about import Candidates
from lambda_indexer.index.inspection import inspect
from lambda_indexer.index.markers import read_status, read_yank
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.model import (
    MAX_SHOWN,
    ProjectFile,
    ProjectPage,
    ProjectStatus,
    QuarantinedFile,
    Sha256,
    Sidecar,
    StoredObject,
    Yank,
)
from lambda_indexer.ports import Parallel, PutOptions, Storage
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.layout import MAX_KEY, SIDECAR_EXTENSION
from s3pypi.markers import InvalidMarkerError, one_line

_SIDECAR: Final = PutOptions("text/plain; charset=utf-8", "public, max-age=31536000, immutable")


@dataclass(frozen=True, slots=True)
class Description:
    """A page, and how it differs from the last one.

    Attributes:
        page: what the project's page has to say.
        indexed: the files that were looked at, for the first time or again.
        refused: what is quarantined and was not so on the last page.
        overwritten: the files that had other content before.
        removed: the files that the last page knew and that are gone.
        mended: the files whose sidecar was there and was not theirs.
        rewritten: the files that were put again; other content may have been there in between.
        notices: problems of files that are listed all the same, sorted.
        left: how many files there was no time to look at. Those that are as they were stay listed.
    """

    page: ProjectPage
    indexed: tuple[str, ...]
    refused: tuple[QuarantinedFile, ...]
    overwritten: tuple[str, ...]
    removed: tuple[str, ...]
    mended: tuple[str, ...]
    rewritten: tuple[str, ...]
    notices: tuple[str, ...]
    left: int

    @property
    def stale(self) -> frozenset[str]:
        """The files of which the CDN may keep something else than what is there now."""
        return frozenset({*self.overwritten, *self.removed, *self.mended, *self.rewritten})


@dataclass(frozen=True, slots=True)
class Describer:
    """Describes projects.

    Attributes:
        storage: the bucket.
        parallel: maps over files at the same time.
        in_time: whether there is still time to look at files.
    """

    storage: Storage
    parallel: Parallel = map
    in_time: Callable[[], bool] = lambda: True

    def describe(
        self, snapshot: Snapshot, previous: ProjectPage, *, fresh: bool = False
    ) -> Description:
        """Make the page of a snapshot, and put the sidecars that the page advertises.

        Args:
            snapshot: of the project's directory.
            previous: the records of the last page; they only save work, except for `upload_time`.
            fresh: read every file, even if its record is current.

        Raises:
            ChangedError: the directory has changed since the snapshot.
            StorageError: S3 refused or failed.
        """
        records = _records(previous)
        here = snapshot.files
        outdated = to_look_at(snapshot, previous)
        changed = snapshot.distributions if fresh else outdated
        notices: list[str] = []
        candidates = Candidates(snapshot)

        listed = {record.filename: record for record in previous.records}

        def look(stored: StoredObject) -> ProjectFile | QuarantinedFile | None:
            record = records.get(stored.filename)
            try:
                if self.in_time():
                    return self._look(snapshot, stored, record, notices, candidates)
            except UnreadableError as error:
                kept = _kept(snapshot, stored, listed.get(stored.filename))
                if kept is None:
                    return _refused(stored, error.reason, again=True)
                notices.append(f"{stored.filename}: {error}; it stays listed as it was")
                return kept
            except TimeIsUpError:
                pass
            return None

        # The smallest first: a file that is too large for the remaining time then has the whole
        # next invocation.
        by_size = sorted(changed, key=lambda stored: stored.size)
        looked_at = {found.filename: found for found in self.parallel(look, by_size) if found}
        still_to_look_at = {stored.filename for stored in outdated} - looked_at.keys()
        kept, unread = _split(
            [records[filename] for filename in still_to_look_at & records.keys()], here, previous
        )
        as_it_was = records.keys() & here.keys() - looked_at.keys() - still_to_look_at
        now = [*looked_at.values(), *kept, *(records[filename] for filename in as_it_was)]
        status, refused = self._status(snapshot, previous)
        unshown = set(previous.unshown)
        if unshown:
            left = (stored for name, stored in here.items() if name not in looked_at)
            unshown &= {stored.fingerprint for stored in left}
        page = ProjectPage.of(
            snapshot.project.name,
            self._marked(snapshot, [file for file in now if isinstance(file, ProjectFile)]),
            [file for file in now if isinstance(file, QuarantinedFile)] + refused,
            status,
            unread=unread,
            unshown=unshown,
        )
        about = candidates.choose(self.storage, page.records, previous)
        page = replace(page, about=about)
        return Description(
            page,
            indexed=tuple(looked_at),
            refused=tuple(file for file in page.quarantined if file not in previous.quarantined),
            overwritten=tuple(
                filename
                for filename, file in looked_at.items()
                if filename in records and not _same(records[filename], file)
            ),
            removed=tuple(filename for filename in records if filename not in here),
            mended=tuple(
                filename
                for filename, file in looked_at.items()
                if isinstance(file, ProjectFile)
                and file.sidecar
                and (there := snapshot.sidecars.get(filename))
                and there.etag != file.sidecar.etag
            ),
            rewritten=tuple(
                filename
                for filename, file in looked_at.items()
                if isinstance(file, ProjectFile)
                and isinstance(record := records.get(filename), ProjectFile)
                and record.last_modified != file.last_modified
            ),
            notices=tuple(sorted(notices)),
            left=len(changed) - len(looked_at),
        )

    def _look(
        self,
        snapshot: Snapshot,
        stored: StoredObject,
        record: ProjectFile | QuarantinedFile | None,
        notices: list[str],
        candidates: Candidates,
    ) -> ProjectFile | QuarantinedFile:
        """Describe one distribution and put its sidecar, before any page advertises it."""
        project = snapshot.project
        try:
            _check_key(stored)
            found = inspect(self.storage, project.bucket, stored, project.name, self.in_time)
        except InvalidDistributionError as error:
            return _refused(stored, str(error))
        except ObjectMissingError as error:
            raise ChangedError(str(error)) from error
        candidates.offer(found)
        if found.notice:
            notices.append(f"{stored.filename}: {found.notice}")
        file = found.file
        if isinstance(record, ProjectFile) and record.sha256 == file.sha256:
            first, now = record.upload_time, stored.last_modified
            modified = None if now == first else now
            file = replace(file, upload_time=first, modified=modified, yank=record.yank)
        if found.metadata is None:
            return file
        return replace(file, sidecar=self._put_sidecar(snapshot, file.filename, found.metadata))

    def _put_sidecar(self, snapshot: Snapshot, filename: str, metadata: bytes) -> Sidecar:
        project, there = snapshot.project, snapshot.sidecars.get(filename)
        sha256 = Sha256(hashlib.sha256(metadata).hexdigest())
        if there and there.etag == hashlib.md5(metadata, usedforsecurity=False).hexdigest():
            return Sidecar(sha256, there.etag)
        key = project.path + filename + SIDECAR_EXTENSION
        etag = self.storage.put(
            project.bucket, key, metadata, _SIDECAR, there.etag if there else None
        )
        return Sidecar(sha256, etag)

    def _marked(self, snapshot: Snapshot, files: list[ProjectFile]) -> list[ProjectFile]:
        """The files with their current yank markers."""
        bucket = snapshot.project.bucket
        known = {file.yank.etag: file.yank for file in files if file.yank}
        unknown = {
            marker.etag: marker
            for file in files
            if (marker := snapshot.yanks.get(file.filename)) and marker.etag not in known
        }

        def read(marker: StoredObject) -> Yank:
            return read_yank(self.storage, bucket, marker)

        known |= {yank.etag: yank for yank in self.parallel(read, unknown.values())}
        return [
            file if file.yank == yank else replace(file, yank=yank)
            for file in files
            for marker in [snapshot.yanks.get(file.filename)]
            for yank in [known[marker.etag] if marker else None]
        ]

    def _status(
        self, snapshot: Snapshot, previous: ProjectPage
    ) -> tuple[ProjectStatus | None, list[QuarantinedFile]]:
        """The project's status, or the status marker that is invalid."""
        marker = snapshot.status
        if marker is None:
            return None, []
        if previous.status is not None and previous.status.etag == marker.etag:
            return previous.status, []
        try:
            return read_status(self.storage, snapshot.project.bucket, marker), []
        except InvalidMarkerError as error:
            return None, [_refused(marker, str(error))]


def to_look_at(snapshot: Snapshot, previous: ProjectPage) -> list[StoredObject]:
    """The distributions without a record on the last page, or with an outdated one."""
    records = _records(replace(previous, unread=()))
    outdated = [
        stored
        for filename, stored in snapshot.files.items()
        if (record := records.get(filename)) is None or not snapshot.confirms(record, stored)
    ]
    return _without_unshown(outdated, snapshot, previous) if previous.unshown else outdated


def _without_unshown(
    outdated: list[StoredObject], snapshot: Snapshot, previous: ProjectPage
) -> list[StoredObject]:
    """Leave out what is known to be quarantined, but for what is to be shown now.

    A page shows the first files by name. When one of them goes, the next one's reason is needed.
    """
    known = set(previous.unshown)
    unshown = {stored.filename for stored in outdated if stored.fingerprint in known}
    here = {stored.filename for stored in snapshot.distributions}
    changed = {stored.filename for stored in outdated}
    shown = {
        file.filename
        for file in previous.quarantined
        if file.filename in here and (file.again or file.filename not in changed)
    }
    hidden = unshown - set(sorted(unshown | shown)[:MAX_SHOWN])
    return [stored for stored in outdated if stored.filename not in hidden]


def _kept(
    snapshot: Snapshot, stored: StoredObject, listed: ProjectFile | None
) -> ProjectFile | None:
    """The record of a file that S3 does not give to us, if it is still what the page says.

    So a permission that the function has lost takes nothing from a page. Only what is new cannot
    be offered, and is looked at again in every run.
    """
    if listed is None or (listed.etag, listed.size) != (stored.etag, stored.size):
        return None
    there = snapshot.sidecars.get(stored.filename)
    same = listed.sidecar and there and there.etag == listed.sidecar.etag
    return listed if same else replace(listed, sidecar=None)


def _split(
    records: Iterable[ProjectFile | QuarantinedFile],
    here: Mapping[str, StoredObject],
    previous: ProjectPage,
) -> tuple[list[ProjectFile], list[ProjectFile]]:
    """Split records of files that there was no time to read: those to offer, and those to keep.

    An unchanged file whose sidecar has changed is offered without the sidecar.
    """
    offered, unread = [], []
    listed = {record.filename for record in previous.records}
    for record in records:
        if isinstance(record, QuarantinedFile):
            continue
        stored = here[record.filename]
        if record.filename in listed and (record.etag, record.size) == (stored.etag, stored.size):
            offered.append(replace(record, sidecar=None))
        else:
            unread.append(record)
    return offered, unread


def _records(page: ProjectPage) -> dict[str, ProjectFile | QuarantinedFile]:
    return {
        **{file.filename: file for file in page.unread},
        **{file.filename: file for file in page.records},
        **{file.filename: file for file in page.quarantined},
    }


def _check_key(stored: StoredObject) -> None:
    if len(f"{stored.key}{SIDECAR_EXTENSION}".encode()) > MAX_KEY:
        raise InvalidDistributionError(f"its key would be too long for S3 with {SIDECAR_EXTENSION}")


def _refused(stored: StoredObject, reason: str, *, again: bool = False) -> QuarantinedFile:
    return QuarantinedFile(stored.filename, stored.etag, stored.size, one_line(reason), again)


def _same(one: ProjectFile | QuarantinedFile, other: ProjectFile | QuarantinedFile) -> bool:
    """Whether two records have the same content, even if uploaded again with another ETag."""
    if isinstance(one, ProjectFile) and isinstance(other, ProjectFile):
        return one.sha256 == other.sha256
    return (one.etag, one.size) == (other.etag, other.size)
