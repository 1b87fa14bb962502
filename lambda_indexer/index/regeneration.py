"""Regenerate a project's pages from its directory (design, section 3).

LIST is the truth and the pages are a pure function of it; an event only says where to look.
"""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from lambda_indexer.errors import IndexerError
from lambda_indexer.index.description import Describer, Description
from lambda_indexer.index.filing import Filed, Filing
from lambda_indexer.index.page_store import CurrentPages, Pages, until_unchanged
from lambda_indexer.index.places import Index, Project
from lambda_indexer.index.root import RootKeeper
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.locks.lease import NEVER_COVERED, Lease, Leases
from lambda_indexer.model import ProjectPage, QuarantinedFile, RootPage
from lambda_indexer.pages.rendering import project_html, project_json
from lambda_indexer.ports import Cdn, Parallel, Storage
from s3pypi.layout import SIDECAR_EXTENSION

# Seconds of an invocation that are reserved for writing pages: half of the remaining time, within
# these limits.
_LEAST_RESERVE: Final = 8.0
_MOST_RESERVE: Final = 20.0
_MAX_PATHS: Final = 30  # CloudFront charges per path; beyond this number, invalidate the directory


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one run.

    Attributes:
        project: the project.
        present: whether it has a page now.
        covered: whether a later run of another invocation did the work; the rest is then empty.
        run: the number of this run.
        recovery: whether this was a recovery run.
        files: how many files the page offers.
        quarantined: how many files are quarantined.
        indexed: the files that were read, for the first time or again.
        refused: the newly quarantined files, with their reasons.
        overwritten: the files whose content has changed.
        removed: the files that no longer exist.
        notices: remarks about files that are listed despite them.
        pages_written: how many pages were written or deleted.
        conflicts: how often the run started again because of another writer.
        filed: the results of moving distributions that do not belong here.
        problem: why the root page does not show the project, for people.
    """

    project: Project
    present: bool = False
    covered: bool = False
    run: int = 0
    recovery: bool = False
    files: int = 0
    quarantined: int = 0
    indexed: tuple[str, ...] = ()
    refused: tuple[QuarantinedFile, ...] = ()
    overwritten: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    pages_written: int = 0
    conflicts: int = 0
    filed: tuple[Filed, ...] = ()
    problem: str | None = None


class OutOfTimeError(IndexerError):
    """More files have changed than one invocation can read; the next one continues.

    Attributes:
        outcome: what was done so far, and is on the page.
    """

    def __init__(self, message: str, outcome: Outcome) -> None:
        super().__init__(message)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Indexer:
    """Regenerates projects, for one invocation of the function.

    Attributes:
        storage: the bucket.
        leases: of this invocation.
        pages: reads and writes pages in `storage`.
        parallel: maps over files at the same time.
        cdn: invalidates changed files, None if there is no CDN.
        keep_names: whether a project that loses its last file keeps an empty page. The edge
            redirects to the upstream only for projects without a page, so the name stays private.
    """

    storage: Storage
    leases: Leases
    pages: Pages
    parallel: Parallel = map
    cdn: Cdn | None = None
    keep_names: bool = False

    @property
    def filing(self) -> Filing:
        """Moves misplaced distributions in the same store."""
        return Filing(self.storage, self.pages)

    def regenerate(
        self,
        project: Project,
        *,
        doubtful: bool = False,
        asked: bool = False,
        fresh: bool = False,
    ) -> Outcome:
        """Bring a project's pages, and its entry on the root page, up to date with the bucket.

        Args:
            project: the project.
            doubtful: check the root page as well.
            asked: check the root page as well, and do not let another run cover the work.
            fresh: read every file again and write both pages, even if nothing has changed.

        Raises:
            StorageError, LockTableError, CdnError: AWS refused or failed; the written pages are
                consistent, and the next run, a recovery run, does the rest.
            LeaseHeldError, LeaseLostError: see `Leases.hold`.
            OutOfTimeError: more files have changed than one invocation can read; the page has the
                files that were read, and the next run continues.
        """
        with self.leases.hold(project.lock_id, NEVER_COVERED if asked else None) as lease:
            if lease is None:
                return Outcome(project, covered=True)
            return until_unchanged(
                lambda conflicts: self._run(
                    project,
                    lease,
                    conflicts,
                    check_root=doubtful or asked or lease.recovery or conflicts > 0,
                    fresh=fresh,
                )
            )

    def _run(
        self, project: Project, lease: Lease, conflicts: int, *, check_root: bool, fresh: bool
    ) -> Outcome:
        peeked = self.pages.peek(project)
        objects = self.storage.list(project.bucket, project.path, peeked.keys)
        snapshot = Snapshot.of(project, objects)
        current = self.pages.read_listed(project, snapshot.objects, peeked)
        outcome = Outcome(project, run=lease.run, recovery=lease.recovery, conflicts=conflicts)
        if isinstance(current.page, RootPage):
            index = Index(project.bucket, project.path)
            lying_here = snapshot.distributions
            filed = tuple(self.filing.file_into(index, stored) for stored in lying_here)
            return replace(outcome, filed=filed)
        previous = current.page or ProjectPage(project.name)
        notices: list[str] = []
        reserve = min(_MOST_RESERVE, max(_LEAST_RESERVE, self.leases.remaining() / 2))
        describer = Describer(
            self.storage,
            self.parallel,
            notices.append,
            in_time=lambda: self.leases.remaining() > reserve,
        )
        description = describer.describe(snapshot, previous, fresh=fresh)
        present = bool(snapshot.distributions) or self._is_kept(project, current)
        changes = current.page is None if present else current.exist
        problem = None
        if changes or check_root:
            root = RootKeeper(self.pages, self.leases)
            problem = root.see_to(project, lease.run, present=present)
        page = description.page if present else None
        written = self._write(current, snapshot, page, force=lease.recovery or fresh)
        self._forget(project, lease, description, doubtful=lease.recovery or conflicts > 0)
        outcome = replace(
            outcome,
            present=present,
            files=len(description.page.files),
            quarantined=len(description.page.quarantined),
            indexed=description.indexed,
            refused=description.refused,
            overwritten=description.overwritten,
            removed=description.removed,
            notices=tuple(sorted(notices)),
            pages_written=written,
            problem=problem,
        )
        if description.left:
            raise OutOfTimeError(
                f"{description.left} files of {project.lock_id} are still to be read;"
                f" {outcome.files} are on its page",
                outcome,
            )
        return outcome

    def forget(self, project: Project) -> Outcome:
        """Delete the page of a project without files, and its line on the root page.

        A project with files is only regenerated; its outcome is `present`.

        Raises:
            As `regenerate`.
        """
        return replace(self, keep_names=False).regenerate(project, asked=True)

    def _is_kept(self, project: Project, current: CurrentPages) -> bool:
        """Whether a project without files keeps its name: it has a page, or a line on the root."""
        if not self.keep_names:
            return False
        if isinstance(current.page, ProjectPage) or self.pages.is_orphan(current):
            return True
        root = self.pages.read(project.index).page
        return isinstance(root, RootPage) and project.name in root.projects

    def _write(
        self, current: CurrentPages, snapshot: Snapshot, page: ProjectPage | None, *, force: bool
    ) -> int:
        """Write or delete the pages, then delete the sidecars that no page names anymore.

        Sidecars of files that the page does not list yet stay, for the run that reads the files.
        """
        if page is None:
            page = ProjectPage(snapshot.project.name)
            written = self.pages.delete(current)
        else:
            written = self.pages.write(current, project_json(page), project_html(page), force=force)
        advertised = {file.filename for file in page.records if file.sidecar}
        known = {file.filename for file in page.records} | {q.filename for q in page.quarantined}
        unknown = {stored.filename for stored in snapshot.distributions} - known
        for filename in sorted(snapshot.sidecars.keys() - advertised - unknown):
            orphan = snapshot.sidecars[filename]
            self.storage.delete(snapshot.project.bucket, orphan.key, orphan.etag)
        return written

    def _forget(
        self, project: Project, lease: Lease, description: Description, *, doubtful: bool
    ) -> None:
        """Invalidate the changed files in the CDN, after everything else.

        If this fails or never happens, the next run is a recovery run. A recovery run, and a run
        that started again, do not know which files changed and invalidate the directory.
        """
        changed = sorted({*description.overwritten, *description.removed, *description.mended})
        if self.cdn is None or not (changed or doubtful):
            return
        directory = f"/{quote(project.path)}"
        paths = [
            directory + quote(filename + extension, safe="")
            for filename in changed
            for extension in ("", SIDECAR_EXTENSION)
        ]
        if doubtful or len(paths) > _MAX_PATHS:
            paths = [f"{directory}*"]
        self.cdn.invalidate(paths, f"{project.lock_id}@{lease.run}")
