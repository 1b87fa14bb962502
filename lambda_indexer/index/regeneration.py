"""Regenerate the pages of a directory; see "One regeneration" in docs/architecture.md.

LIST is the truth and the pages are a pure function of it; an event only says where to look.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from lambda_indexer.index.attempts import until_unchanged
from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.filing import Filing
from lambda_indexer.index.invalidation import Invalidation
from lambda_indexer.index.kinds import Kinds, is_own_page
from lambda_indexer.index.links import IndexNames, Linker
from lambda_indexer.index.outcome import Outcome, OutOfTimeError, Run, Trigger
from lambda_indexer.index.page_maker import PageMaker
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Index, Project
from lambda_indexer.index.prefetch import Submit, call_now, prefetching
from lambda_indexer.index.publishing import Publisher
from lambda_indexer.index.root import RootUpdater
from lambda_indexer.index.root_writer import RootUpdate, RootWriter
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.locks.lease import NEVER_COVERED, Leases
from lambda_indexer.model import RootPage
from lambda_indexer.ports import Cdn, Parallel, Storage
from s3pypi.layout import is_normalized

_EVENT: Final = Trigger()


@dataclass(frozen=True, slots=True)
class Indexer:
    """Regenerates directories, for one invocation of the function.

    Attributes:
        storage: the bucket.
        leases: of this invocation.
        pages: reads and writes pages in `storage`.
        parallel: maps over files in parallel.
        cdn: invalidates changed files, None if there is no CDN.
        prefixes: the declared indexes, each slash-terminated.
        keep_names: whether a project that loses its last file keeps an empty page. The edge
            redirects to the upstream only for projects without a page, so the name stays private.
        stale: by lock, what this invocation still has to invalidate; see `Invalidation`.
        submit: starts reads that run while a directory is listed.
        names: on root pages, which runs for a rebuild share.
    """

    storage: Storage
    leases: Leases
    pages: Pages
    parallel: Parallel = map
    cdn: Cdn | None = None
    prefixes: frozenset[str] = frozenset()
    keep_names: bool = False
    stale: dict[str, frozenset[str]] = field(default_factory=dict)
    submit: Submit = call_now
    names: IndexNames = field(default_factory=IndexNames)

    @property
    def filing(self) -> Filing:
        """Moves misplaced distributions."""
        return Filing(self.storage, self.kinds)

    @property
    def kinds(self) -> Kinds:
        """Determines the kind of a directory."""
        return Kinds(self.pages, self.prefixes, self.keep_names, self.parallel)

    @property
    def root(self) -> RootUpdater:
        """Updates root pages."""
        return RootUpdater(RootWriter(self.pages, self.kinds), self.leases)

    @property
    def page_maker(self) -> PageMaker:
        """Makes the pages of projects."""
        linker = Linker(self.pages, self.names)
        return PageMaker(self.storage, self.leases, linker, self.pages.site, self.parallel)

    @property
    def publisher(self) -> Publisher:
        """Writes the pages of projects."""
        return Publisher(self.pages, self.invalidation, one_url=self.keep_names)

    @property
    def invalidation(self) -> Invalidation:
        """Invalidates the files that the runs of this invocation change."""
        return Invalidation(self.cdn, self.leases, self.stale)

    def regenerate(self, project: Project, trigger: Trigger = _EVENT) -> Outcome:
        """Update the pages of a directory, and its line on the root page, to match the bucket.

        Args:
            project: the directory, which may turn out not to be a project.
            trigger: why it is regenerated.

        Raises:
            StorageError, LockTableError: AWS refused or failed. What is written is consistent, and
                the next run, a recovery run, does the rest.
            LeaseHeldError, LeaseLostError: see `Leases.hold`.
            OutOfTimeError: more files have changed than can be read in one invocation. The page
                has those that were read, and the next run continues.
        """
        since = NEVER_COVERED if trigger.requested or trigger.lost else None
        with self.leases.hold(project.lock_id, since) as lease:
            if lease is not None:
                with prefetching(self.submit, self.pages, project, trigger.sizes) as prefetched:
                    outcome = until_unchanged(
                        lambda conflicts: self._run(
                            Run(project, trigger, lease, conflicts, prefetched)
                        )
                    )
                if outcome.left:
                    raise OutOfTimeError(outcome)
                return outcome
        if trigger.redelivered and not self._covered_root(project):
            return self.regenerate(project, replace(trigger, requested=True))
        return Outcome(project, covered=True)

    def restore(self, index: Index) -> Outcome:
        """Write the complete root page of an index that is no project.

        Raises:
            As `regenerate`.
        """

        def attempt(conflicts: int) -> Outcome:
            with self.root.hold(index, lost=True):
                return Outcome(Project(index.bucket, index.path), conflicts=conflicts)

        return until_unchanged(attempt)

    def forget(self, project: Project) -> Outcome:
        """Delete the page of a project without files, and its line on the root page.

        A project with files is only regenerated; its outcome is `present`.

        Raises:
            As `regenerate`.
        """
        return replace(self, keep_names=False).regenerate(project, Trigger(requested=True))

    def _covered_root(self, project: Project) -> bool:
        """Whether the root page agrees with the page of a project that another run has written.

        The run that covers this one may be an ordinary one, which does not look at the root page.
        """
        return self.root.agrees(project, present=is_own_page(self.pages.read_json(project)))

    def _run(self, run: Run) -> Outcome:
        project, kinds = run.project, self.kinds
        snapshot, current = self._read_directory(run)
        if kinds.holds_own(project, snapshot.distributions) or kinds.is_kept(project, current):
            return self._run_project(run, snapshot, current)
        return self._run_other(run, snapshot, current)

    def _read_directory(self, run: Run) -> tuple[Snapshot, CurrentPages]:
        """List the directory, and read its page at the same time or before."""
        project, page = run.project, run.prefetched.page
        if page is None or run.conflicts:
            before = self.pages.read_json(project)
            page = lambda: before  # noqa: E731 - it is read already
        objects = self.storage.list(project.bucket, project.path, lambda: page().keys)
        snapshot = Snapshot.of(project, objects)
        if not run.conflicts:
            snapshot = snapshot.with_sidecars(run.prefetched.sidecars)
        return snapshot, self.pages.read_listed(project, snapshot.objects, page())

    def _run_project(self, run: Run, snapshot: Snapshot, current: CurrentPages) -> Outcome:
        """Regenerate a directory that holds distributions of its own name."""
        description = self.page_maker.make(run, snapshot, current)
        new, summary = not is_own_page(current), description.page.summary
        update = self._put_on_root(run, summary, new=True) if new else None
        outcome = self.publisher.publish(run, snapshot, current, description)
        # After the page, so that a root page that is out of reach holds up only new projects.
        update = update or self._put_on_root(run, summary, new=False)
        return replace(outcome, present=True, problem=update.problem)

    def _put_on_root(self, run: Run, summary: str, *, new: bool) -> RootUpdate:
        """Put a project on the root page, unless its line is known to be there."""
        project, trigger = run.project, run.trigger
        if run.uncertain:
            there = False
        elif new or trigger.requested:
            announced = trigger.announced
            there = announced is not None and self.root.is_unchanged_since(announced, project)
        else:
            there = not trigger.redelivered or self.root.agrees(project, present=True)
        return RootUpdate() if there else self._update_root(run, present=True, summary=summary)

    def _update_root(self, run: Run, *, present: bool, summary: str = "") -> RootUpdate:
        """Make the root page say whether a project is there.

        If a project's page has the place of the root page, the directory is regenerated first.
        """

        def update() -> RootUpdate:
            return self.root.update(run.project, run.number, present=present, summary=summary)

        result, above = update(), run.project.index
        if result.displaced:
            self.regenerate(Project(above.bucket, above.path))
            result = update()
        return result

    def _run_other(self, run: Run, snapshot: Snapshot, current: CurrentPages) -> Outcome:
        """Regenerate a directory that holds none: it may be an index, or need no page at all."""
        project, update = run.project, RootUpdate()
        check = run.uncertain or run.trigger.requested
        if check or is_own_page(current) or not self.root.agrees(project, present=False):
            update = self._update_root(run, present=False)
        index = Index(project.bucket, project.path)
        with self._kind(index, current, run.trigger) as is_index:
            if is_index:
                outcome = self.publisher.clear(run, snapshot, current.project_page)
                filed = [self.filing.file_into(index, each) for each in snapshot.distributions]
                outcome = replace(outcome, filed=tuple(filed))
            else:
                description = self.page_maker.make(run, snapshot, current)
                description = replace(description, page=replace(description.page, foreign=True))
                outcome = self.publisher.publish(run, snapshot, current, description)
        if update.gone or check or run.trigger.redelivered:
            # The index may have come to its end, and its directory may need another page now.
            self._regenerate_above(project)
        return replace(outcome, problem=update.problem)

    @contextmanager
    def _kind(self, index: Index, current: CurrentPages, trigger: Trigger) -> Iterator[bool]:
        """Whether a directory without distributions of its own is an index, held for the body.

        If nothing is below it and it has no root page, no lease is needed to tell.
        """
        if (
            isinstance(current.page, RootPage)
            or self.kinds.is_declared(index.path)
            or any(self.storage.directories(index.bucket, index.path))
        ):
            with self.root.hold(index, lost=trigger.lost) as is_index:
                yield is_index
        else:
            yield False

    def _regenerate_above(self, project: Project) -> None:
        """Regenerate the directory above, unless it is a declared index."""
        above = project.index
        if not self.kinds.is_declared(above.path) and is_normalized(above.path):
            self.regenerate(Project(above.bucket, above.path))
