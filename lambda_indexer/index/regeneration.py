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

# Seconds of an invocation to write pages in, when looking at files has taken the rest: half of what
# there was, within these limits.
_LEAST_RESERVE: Final = 8.0
_MOST_RESERVE: Final = 20.0
_MAX_PATHS: Final = 30  # CloudFront charges for each path; beyond that the directory is one


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of looking at one project.

    Attributes:
        project: the project.
        covered: a later run of somebody else has done the work; all the rest is then empty.
        run: the number of this run.
        recovery: whether the run before was not trusted.
        files: how many files the page offers.
        quarantined: how many are there and not offered.
        indexed: the files that were looked at for the first time, or again.
        refused: those newly quarantined, with their reasons.
        overwritten: the files that had other content before.
        removed: the files that are gone.
        notices: what is to be reported of files that are listed all the same.
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
    """More files have changed than one invocation can look at; the next one goes on from there.

    Attributes:
        outcome: what was done so far; the page has it.
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
        cdn: what has to forget changed files, None when nothing stands before the bucket.
    """

    storage: Storage
    leases: Leases
    pages: Pages
    parallel: Parallel = map
    cdn: Cdn | None = None

    @property
    def filing(self) -> Filing:
        """Files distributions away in the same store."""
        return Filing(self.storage, self.pages)

    def regenerate(
        self,
        project: Project,
        *,
        doubtful: bool = False,
        asked: bool = False,
        fresh: bool = False,
    ) -> Outcome:
        """Make the pages of a project, and its line on the root page, say what is in the bucket.

        Args:
            project: the project.
            doubtful: check the root page as well.
            asked: check the root page as well, and let nobody else's run do the work instead.
            fresh: look at every file again and write both pages, whatever they say.

        Raises:
            StorageError, LockTableError, CdnError: AWS refused or failed; what is written is
                consistent, and the next run, a recovery run, sees to the rest.
            LeaseHeldError, LeaseLostError: see `Leases.hold`.
            OutOfTimeError: more files have changed than can be looked at in one invocation; the
                page has those that were, and the next run goes on from there.
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
        present = bool(snapshot.distributions)
        changes = current.page is None if present else current.exist
        problem = None
        if changes or check_root:
            root = RootKeeper(self.pages, self.leases)
            problem = root.see_to(project, lease.run, present=present)
        written = self._write(current, snapshot, description.page, force=lease.recovery or fresh)
        self._forget(project, lease, description, doubtful=lease.recovery or conflicts > 0)
        outcome = replace(
            outcome,
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
                f"{description.left} files of {project.lock_id} are still to be looked at;"
                f" {outcome.files} are on its page",
                outcome,
            )
        return outcome

    def _write(
        self, current: CurrentPages, snapshot: Snapshot, page: ProjectPage, *, force: bool
    ) -> int:
        """Write or delete the pages, then delete the sidecars that no page names any more.

        Those of files that the page does not know yet stay: whoever looks at these will want them.
        """
        if snapshot.distributions:
            written = self.pages.write(current, project_json(page), project_html(page), force=force)
        else:
            written = self.pages.delete(current)
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
        """Have the CDN forget the files that changed, after everything else.

        Should this fail or never happen, the next run is a recovery run. That one, and one that
        had to start again, do not know any more which files they were.
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
