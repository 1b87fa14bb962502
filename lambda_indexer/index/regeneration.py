"""Regenerate a project's pages from its directory (design, section 3).

LIST is the truth and the pages are a pure function of it; an event only says where to look.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from lambda_indexer.errors import ChangedError, LeaseLostError, ObjectMissingError
from lambda_indexer.index.description import Describer, Description
from lambda_indexer.index.filing import Filing
from lambda_indexer.index.invalidation import MAX_PATHS, everything_in, paths_of, together
from lambda_indexer.index.kinds import Kinds, is_own_page
from lambda_indexer.index.outcome import Outcome, OutOfTimeError, Trigger
from lambda_indexer.index.page_store import CurrentPages, Pages, until_unchanged
from lambda_indexer.index.places import Index, Project
from lambda_indexer.index.root import RootKeeper, Told
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.locks.lease import NEVER_COVERED, Lease, Leases
from lambda_indexer.model import ProjectPage, RootPage
from lambda_indexer.pages.rendering import project_html, project_json
from lambda_indexer.ports import Cdn, Parallel, Storage
from s3pypi.layout import is_normalized

# Seconds of an invocation that are reserved for writing pages: half of the remaining time, within
# these limits.
_LEAST_RESERVE: Final = 8.0
_MOST_RESERVE: Final = 20.0


_EVENT: Final = Trigger()


@dataclass(frozen=True, slots=True)
class _Run:
    """One attempt to regenerate a project under its lease."""

    project: Project
    trigger: Trigger
    lease: Lease
    conflicts: int

    @property
    def uncertain(self) -> bool:
        """Whether another run may have left something half done."""
        return self.lease.recovery or self.conflicts > 0

    @property
    def number(self) -> str:
        """What tells which of two runs, or of two attempts of one, is the later one."""
        return f"{self.lease.run}.{self.conflicts}" if self.conflicts else f"{self.lease.run}"

    def outcome(self) -> Outcome:
        """An outcome with what is known so far."""
        return Outcome(
            self.project,
            run=self.lease.run,
            recovery=self.lease.recovery,
            conflicts=self.conflicts,
        )


@dataclass(frozen=True, slots=True)
class Indexer:
    """Regenerates projects, for one invocation of the function.

    Attributes:
        storage: the bucket.
        leases: of this invocation.
        pages: reads and writes pages in `storage`.
        parallel: maps over files at the same time.
        cdn: invalidates changed files, None if there is no CDN.
        prefixes: the declared indexes, each slash-terminated.
        keep_names: whether a project that loses its last file keeps an empty page. The edge
            redirects to the upstream only for projects without a page, so the name stays private.
        stale: by lock, what this invocation still has to invalidate; see `LockItem`.
    """

    storage: Storage
    leases: Leases
    pages: Pages
    parallel: Parallel = map
    cdn: Cdn | None = None
    prefixes: frozenset[str] = frozenset()
    keep_names: bool = False
    stale: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def filing(self) -> Filing:
        """Files distributions away in the same store."""
        return Filing(self.storage, self.kinds)

    @property
    def kinds(self) -> Kinds:
        """Tells what a directory is."""
        return Kinds(self.pages, self.prefixes, self.keep_names, self.parallel)

    @property
    def root(self) -> RootKeeper:
        """Keeps the root pages."""
        return RootKeeper(self.pages, self.leases, self.kinds, self.filing)

    def regenerate(self, project: Project, trigger: Trigger = _EVENT) -> Outcome:
        """Make the pages of a directory, and its line on the root page, say what is in the bucket.

        Args:
            project: the directory, which may turn out not to be a project.
            trigger: why it is looked at.

        Raises:
            StorageError, LockTableError: AWS refused or failed; what is written is
                consistent, and the next run, a recovery run, does the rest.
            LeaseHeldError, LeaseLostError: see `Leases.hold`.
            OutOfTimeError: more files have changed than can be read in one invocation; the page
                has those that were, and the next run goes on from there.
        """
        since = NEVER_COVERED if trigger.requested or trigger.lost else None
        with self.leases.hold(project.lock_id, since) as lease:
            if lease is not None:
                return until_unchanged(
                    lambda conflicts: self._run(_Run(project, trigger, lease, conflicts))
                )
        if trigger.redelivered and not self._covered_root(project):
            return self.regenerate(project, replace(trigger, requested=True))
        return Outcome(project, covered=True)

    def _covered_root(self, project: Project) -> bool:
        """Whether the root page agrees with the page of a project that somebody else has written.

        The run that covers this one may be an ordinary one, which does not look at the root page.
        """
        return self.root.agrees(project, present=is_own_page(self.pages.read_json(project)))

    def restore(self, index: Index) -> Outcome:
        """Make an index that is no project have a complete root page again.

        Raises:
            As `regenerate`.
        """

        def attempt(conflicts: int) -> Outcome:
            with self.root.settled(index, lost=True):
                return Outcome(Project(index.bucket, index.path), conflicts=conflicts)

        return until_unchanged(attempt)

    def forget(self, project: Project) -> Outcome:
        """Delete the page of a project without files, and its line on the root page.

        A project with files is only regenerated; its outcome is `present`.

        Raises:
            As `regenerate`.
        """
        return replace(self, keep_names=False).regenerate(project, Trigger(requested=True))

    def _is_kept(self, project: Project, current: CurrentPages) -> bool:
        """Whether a project without files keeps its name: it has a page, or a line on the root."""
        if not self.keep_names or self.kinds.is_declared(project.path):
            return False
        if is_own_page(current) or self.pages.is_orphan(current):
            return True
        root = self.pages.read(project.index).page
        return isinstance(root, RootPage) and project.name in root.projects

    def _run(self, run: "_Run") -> Outcome:
        project = run.project
        before = self.pages.read_json(project)
        objects = self.storage.list(project.bucket, project.path, before.keys)
        snapshot = Snapshot.of(project, objects)
        current = self.pages.read_listed(project, snapshot.objects, before)
        if self.kinds.holds_own(project, snapshot.distributions) or self._is_kept(project, current):
            return self._run_project(run, snapshot, current)
        return self._run_other(run, snapshot, current)

    def _run_project(self, run: "_Run", snapshot: Snapshot, current: CurrentPages) -> Outcome:
        """Regenerate a directory that holds distributions of its own name."""
        description = self._describe(run, snapshot, current)
        told = Told()
        tell = run.uncertain or run.trigger.requested or not is_own_page(current)
        if tell:
            told = self.root.tell(run.project, run.number, present=True)
        outcome = replace(self._publish(run, snapshot, current, description), present=True)
        if not tell and run.trigger.redelivered and not self.root.agrees(run.project, present=True):
            told = self.root.tell(run.project, run.number, present=True)
        return _finished(replace(outcome, problem=told.problem, filed=told.filed), description)

    def _run_other(self, run: "_Run", snapshot: Snapshot, current: CurrentPages) -> Outcome:
        """Regenerate a directory that holds none: it may be an index, or need no page at all."""
        project = run.project
        told = Told()
        if (
            run.uncertain
            or run.trigger.requested
            or is_own_page(current)
            or not self.root.agrees(project, present=False)
        ):
            told = self.root.tell(project, run.number, present=False)
        index = Index(project.bucket, project.path)
        with self._kind(index, current, run.trigger) as is_index:
            if is_index:
                for sidecar in snapshot.sidecars.values():  # of files that were here once
                    self.storage.delete(index.bucket, sidecar.key, sidecar.etag)
                filed = tuple(
                    self.filing.file_into(index, stored) for stored in snapshot.distributions
                )
                outcome, description = replace(run.outcome(), filed=filed), None
                self._note_stale(run)
            else:
                description = self._describe(run, snapshot, current)
                description = replace(description, page=replace(description.page, foreign=True))
                outcome = self._publish(run, snapshot, current, description)
        if told.gone or run.uncertain or run.trigger.check_root:
            # The index may have come to its end, and its directory may need another page now.
            self._regenerate_above(project)
        outcome = replace(
            outcome, filed=(*told.filed, *outcome.filed), problem=told.problem or outcome.problem
        )
        return _finished(outcome, description)

    @contextmanager
    def _kind(self, index: Index, current: CurrentPages, trigger: Trigger) -> Iterator[bool]:
        """Whether a directory without distributions of its own is an index, held for the body.

        Where nothing lies below it and no root page in it, no lease is needed to tell.
        """
        if (
            isinstance(current.page, RootPage)
            or self.kinds.is_declared(index.path)
            or any(self.storage.directories(index.bucket, index.path))
        ):
            with self.root.settled(index, lost=trigger.lost) as is_index:
                yield is_index
        else:
            yield False

    def _regenerate_above(self, project: Project) -> None:
        """Regenerate the directory above, unless it is an index whatever lies in it."""
        above = project.index
        if not self.kinds.is_declared(above.path) and is_normalized(above.path):
            self.regenerate(Project(above.bucket, above.path))

    def _describe(self, run: "_Run", snapshot: Snapshot, current: CurrentPages) -> Description:
        """Make the page of what a directory holds, and put the sidecars that it names."""
        reserve = min(_MOST_RESERVE, max(_LEAST_RESERVE, self.leases.remaining() / 2))
        describer = Describer(
            self.storage, self.parallel, in_time=lambda: self.leases.remaining() > reserve
        )
        known = current.page if isinstance(current.page, ProjectPage) else None
        previous = known or ProjectPage(run.project.name)
        return describer.describe(snapshot, previous, fresh=run.trigger.fresh)

    def _publish(
        self, run: "_Run", snapshot: Snapshot, current: CurrentPages, description: Description
    ) -> Outcome:
        """Write the page, or remove it where there is nothing to show."""
        force = run.lease.recovery or run.trigger.fresh
        self._remove_yanks(snapshot, description.removed)
        nothing = description.page.foreign and not snapshot.distributions
        page = None if nothing else description.page
        written = self._write(current, page, force=force)
        self._remove_orphans(run, snapshot, page or ProjectPage(run.project.name))
        self._note_stale(run, description)
        return replace(
            run.outcome(),
            files=len(description.page.files),
            quarantined=len(description.page.quarantined) + len(description.page.unshown),
            indexed=description.indexed,
            refused=description.refused,
            overwritten=description.overwritten,
            removed=description.removed,
            notices=description.notices,
            pages_written=written,
        )

    def _remove_yanks(self, snapshot: Snapshot, removed: Iterable[str]) -> None:
        """Remove the yank markers of files that are gone, so that they yank no later file.

        The page still names these files: should this run die, the next one knows them, too.
        """
        bucket = snapshot.project.bucket
        for filename in removed:
            marker = snapshot.yanks.get(filename)
            if marker is not None:
                try:
                    self.storage.head(bucket, snapshot.project.path + filename)
                except ObjectMissingError:
                    self.storage.delete(bucket, marker.key, marker.etag)
                else:
                    raise ChangedError(f"{filename} is there again")

    def _write(self, current: CurrentPages, page: ProjectPage | None, *, force: bool) -> int:
        """Write the pages, or delete them."""
        if page is None:
            return self.pages.delete(current)
        html = project_html(page, one_url=self.keep_names)
        return self.pages.write(current, project_json(page), html, force=force)

    def _remove_orphans(self, run: "_Run", snapshot: Snapshot, page: ProjectPage) -> None:
        """Delete the sidecars that no page names anymore, after the page.

        Sidecars of files that the page does not list yet stay, for the run that reads the files.
        The page is written on condition, but a newer page may name the very sidecar that would go:
        so nothing goes once another run has the lease.
        """
        advertised = {file.filename for file in page.records if file.sidecar}
        known = {file.filename for file in page.records} | {q.filename for q in page.quarantined}
        unshown = set(page.unshown)
        unknown = {
            filename
            for filename, stored in snapshot.files.items()
            if filename not in known and not (unshown and stored.fingerprint in unshown)
        }
        orphans = sorted(snapshot.sidecars.keys() - advertised - unknown)
        if orphans and not self.leases.is_held(run.project.lock_id, run.lease):
            raise LeaseLostError(
                f"the lease {run.project.lock_id} of run {run.lease.run} was taken by another run"
            )
        for filename in orphans:
            orphan = snapshot.sidecars[filename]
            self.storage.delete(snapshot.project.bucket, orphan.key, orphan.etag)

    def _note_stale(self, run: "_Run", description: Description | None = None) -> None:
        """Note the paths of files that changed, for the invocation to invalidate at its end.

        They are kept in the lock item until the CDN has taken them. A run that is not certain of
        the last one does not know which files changed, so the directory is invalidated.
        """
        if self.cdn is None:
            return
        path, lease = run.project.path, run.lease
        paths = frozenset({everything_in(path)}) if run.uncertain else frozenset()
        if description and not run.uncertain:
            paths = paths_of(path, description.stale)
        if len(lease.stale) + len(paths) > MAX_PATHS:
            paths = frozenset({everything_in(path)})
        # With the run's number: an older run forgets nothing of what this one has changed.
        lease.stale |= {f"{lease.run} {path}" for path in paths}
        if lease.stale:
            self.stale[run.project.lock_id] = lease.stale

    def invalidate(self) -> None:
        """Invalidate what the runs of this invocation have changed, in one request.

        Raises:
            CdnError: the CDN refused or failed; the lock items still name the paths.
            LockTableError: DynamoDB refused or failed; the paths are invalidated once more.
        """
        if self.cdn is None or not self.stale:
            return
        entries = sorted(f"{lock} {entry}" for lock, stale in self.stale.items() for entry in stale)
        # One reference for one wish, so that the SDK's retry costs nothing.
        reference = sha256(f"{entries} {self.leases.clock():.0f}".encode()).hexdigest()
        paths = together(
            entry.partition(" ")[2] for stale in self.stale.values() for entry in stale
        )
        self.cdn.invalidate(paths, reference)
        for lock_id, stale in self.stale.items():
            self.leases.table.forget(lock_id, stale)


def _finished(outcome: Outcome, description: Description | None) -> Outcome:
    """The outcome, unless there was no time to read all files."""
    if description is not None and description.left:
        raise OutOfTimeError(
            f"{description.left} files of {outcome.project.lock_id} are still to be read;"
            f" {outcome.files} are on its page",
            outcome,
        )
    return outcome
