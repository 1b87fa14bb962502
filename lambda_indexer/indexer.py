"""Regenerate a project's pages from its directory (design, section 3).

LIST is the truth and the pages are a pure function of it; an event only says where to look.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lambda_indexer.errors import ChangedError, InvalidDistributionError, ObjectMissingError
from lambda_indexer.filing import Filed, Filing
from lambda_indexer.inspection import inspect
from lambda_indexer.layout import (
    SIDECAR_EXTENSION,
    Index,
    Project,
    is_distribution,
)
from lambda_indexer.lease import Leases
from lambda_indexer.model import (
    ProjectFile,
    ProjectPage,
    QuarantinedFile,
    RootPage,
    Sha256,
    Sidecar,
    StoredObject,
)
from lambda_indexer.pages import Pages, until_unchanged
from lambda_indexer.ports import Parallel, PutOptions, Storage
from lambda_indexer.rendering import project_html, project_json
from lambda_indexer.root import RootKeeper

_SIDECAR: Final = PutOptions("text/plain; charset=utf-8", "public, max-age=31536000, immutable")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of looking at one project.

    Attributes:
        project: the project.
        covered: a later run of somebody else has done the work; all the rest is then empty.
        run: the number of this run.
        recovery: whether the run before was not trusted.
        files: how many files the page offers.
        indexed: the files that were looked at for the first time, or again.
        quarantined: the files that are there and not offered, with their reasons.
        pages_written: how many pages were written or deleted.
        conflicts: how often another writer got in and the work was started again.
        filed: what became of distributions that lay here and did not belong here.
        problem: why the root page does not show the project, for a person to read.
    """

    project: Project
    covered: bool = False
    run: int = 0
    recovery: bool = False
    files: int = 0
    indexed: tuple[str, ...] = ()
    quarantined: tuple[QuarantinedFile, ...] = ()
    pages_written: int = 0
    conflicts: int = 0
    filed: tuple[Filed, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Indexer:
    """Regenerates projects, for one invocation of the function.

    Attributes:
        storage: the bucket.
        leases: of this invocation.
        pages: reads and writes pages in `storage`.
        parallel: maps over files at the same time.
    """

    storage: Storage
    leases: Leases
    pages: Pages
    parallel: Parallel = map

    @property
    def filing(self) -> Filing:
        """Files distributions away in the same store."""
        return Filing(self.storage, self.pages)

    def regenerate(self, project: Project) -> Outcome:
        """Make the pages of a project, and its line on the root page, say what is in the bucket.

        Raises:
            StorageError, LockTableError: AWS refused or failed; what is written is consistent,
                and the next run, a recovery run, sees to the rest.
            LeaseHeldError, LeaseLostError: see `Leases.hold`.
        """
        with self.leases.hold(project.lock_id) as lease:
            if lease is None:
                return Outcome(project, covered=True)

            def attempt(conflicts: int) -> Outcome:
                doubtful = lease.recovery or conflicts > 0
                outcome = self._run(project, lease.run, doubtful=doubtful, force=lease.recovery)
                return replace(outcome, run=lease.run, recovery=lease.recovery, conflicts=conflicts)

            return until_unchanged(attempt)

    def _run(self, project: Project, run: int, *, doubtful: bool, force: bool) -> Outcome:
        objects = self.storage.list(project.bucket, project.path)
        current = self.pages.read_listed(project, objects)
        distributions = [stored for stored in objects if is_distribution(stored.filename)]
        if isinstance(current.page, RootPage):
            index = Index(project.bucket, project.path)
            return Outcome(
                project,
                filed=tuple(self.filing.file_into(index, stored) for stored in distributions),
            )
        sidecars = {stored.filename: stored for stored in objects if _is_sidecar(stored.filename)}
        page, looked_at = self._describe(project, distributions, current.page, sidecars)
        present = bool(distributions)
        problem = None
        if doubtful or (current.page is None if present else current.exist):
            problem = RootKeeper(self.pages, self.leases).see_to(project, run, present=present)
        if present:
            written = self.pages.write(current, project_json(page), project_html(page), force=force)
        else:
            written = self.pages.delete(current)
        advertised = {file.filename + SIDECAR_EXTENSION for file in page.files if file.sidecar}
        for filename in sidecars.keys() - advertised:
            self.storage.delete(project.bucket, sidecars[filename].key, sidecars[filename].etag)
        return Outcome(
            project,
            files=len(page.files),
            indexed=looked_at,
            quarantined=page.quarantined,
            pages_written=written,
            problem=problem,
        )

    def _describe(
        self,
        project: Project,
        distributions: Sequence[StoredObject],
        previous: ProjectPage | None,
        sidecars: Mapping[str, StoredObject],
    ) -> tuple[ProjectPage, tuple[str, ...]]:
        """The page of these distributions, and which of them had to be looked at."""
        previous = previous or ProjectPage(project.name)
        records: dict[str, ProjectFile | QuarantinedFile] = {
            **{file.filename: file for file in previous.files},
            **{file.filename: file for file in previous.quarantined},
        }
        described: list[ProjectFile | QuarantinedFile] = []
        changed: list[StoredObject] = []
        for stored in distributions:
            record = records.get(stored.filename)
            if record is not None and _still_holds(record, stored, sidecars):
                described.append(record)
            else:
                changed.append(stored)

        def look(stored: StoredObject) -> ProjectFile | QuarantinedFile:
            return self._look(project, stored, records.get(stored.filename), sidecars)

        described.extend(self.parallel(look, changed))
        page = ProjectPage.of(
            project.name,
            (record for record in described if isinstance(record, ProjectFile)),
            (record for record in described if isinstance(record, QuarantinedFile)),
        )
        return page, tuple(stored.filename for stored in changed)

    def _look(
        self,
        project: Project,
        stored: StoredObject,
        record: ProjectFile | QuarantinedFile | None,
        sidecars: Mapping[str, StoredObject],
    ) -> ProjectFile | QuarantinedFile:
        """Describe one distribution and put its sidecar, before any page advertises it."""
        try:
            found = inspect(self.storage, project.bucket, stored, project.name)
        except InvalidDistributionError as error:
            return QuarantinedFile(stored.filename, stored.etag, stored.size, str(error))
        except ObjectMissingError as error:
            raise ChangedError(str(error)) from error
        file = found.file
        if isinstance(record, ProjectFile) and record.sha256 == file.sha256:
            file = replace(file, upload_time=record.upload_time)
        if found.metadata is None:
            return file
        return replace(file, sidecar=self._put_sidecar(project, file, found.metadata, sidecars))

    def _put_sidecar(
        self,
        project: Project,
        file: ProjectFile,
        metadata: bytes,
        sidecars: Mapping[str, StoredObject],
    ) -> Sidecar:
        filename = file.filename + SIDECAR_EXTENSION
        there = sidecars.get(filename)
        sha256 = Sha256(hashlib.sha256(metadata).hexdigest())
        if there and there.etag == hashlib.md5(metadata, usedforsecurity=False).hexdigest():
            return Sidecar(sha256, there.etag)
        etag = self.storage.put(
            project.bucket,
            project.path + filename,
            metadata,
            _SIDECAR,
            there.etag if there else None,
        )
        return Sidecar(sha256, etag)


def _is_sidecar(filename: str) -> bool:
    return filename.endswith(f".whl{SIDECAR_EXTENSION}")


def _still_holds(
    record: ProjectFile | QuarantinedFile,
    stored: StoredObject,
    sidecars: Mapping[str, StoredObject],
) -> bool:
    """Whether a record describes the object that is there, and its sidecar is what it put."""
    if (record.etag, record.size) != (stored.etag, stored.size):
        return False
    if isinstance(record, QuarantinedFile) or record.sidecar is None:
        return True
    sidecar = sidecars.get(record.filename + SIDECAR_EXTENSION)
    return sidecar is not None and sidecar.etag == record.sidecar.etag
