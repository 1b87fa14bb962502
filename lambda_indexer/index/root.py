"""The root page of an index (design, section 5): which projects there are.

A project's run never lists the bucket again to decide what the root page must say. It declares what
its own snapshot showed, with the number of its run; for each name, the highest run decides.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from packaging.utils import NormalizedName

from lambda_indexer.errors import ChangedError
from lambda_indexer.index.filing import Filed, Filing
from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.page_store import CurrentPages, Pages, until_unchanged
from lambda_indexer.index.places import Index, Project
from lambda_indexer.locks.lease import NEVER_COVERED, Leases
from lambda_indexer.model import ProjectPage, RootPage
from lambda_indexer.pages.rendering import root_html, root_json
from s3pypi.distributions.filenames import is_distribution


@dataclass(frozen=True, slots=True)
class Told:
    """The result of updating a root page.

    Attributes:
        problem: for people, None if there is none: a project has the place of the root page, or the
            page that was there could not be read.
        gone: whether there is no root page now, because no project is left.
        filed: the results of moving distributions out of a directory that has become an index.
    """

    problem: str | None = None
    gone: bool = False
    filed: tuple[Filed, ...] = ()


@dataclass(frozen=True, slots=True)
class RootKeeper:
    """Updates root pages, for one invocation of the function.

    Attributes:
        pages: reads and writes them.
        leases: of this invocation.
        kinds: tells what a directory is.
        filing: moves distributions out of a directory that becomes an index.
    """

    pages: Pages
    leases: Leases
    kinds: Kinds
    filing: Filing

    def tell(self, project: Project, run: str, *, present: bool, summary: str = "") -> Told:
        """Make the root page say that a project is there, or that it is not.

        Args:
            project: the project.
            run: see `Run.number`.
            present: whether the snapshot of this run shows the project.
            summary: what the page says of it. If another run writes the root page instead of this
                one, the summary is missing until the next rebuild of the whole index.

        Raises:
            LeaseHeldError, LeaseLostError, LockTableError: see `Leases.hold`.
            StorageError: S3 refused or failed.
        """
        index = project.index
        entry = f"{'+' if present else '-'}{project.name}@{run}"
        with self.leases.hold(index.lock_id, entry=entry) as lease:
            if lease is None:
                return Told()
            pending = lease.pending | {entry}
            summaries = {project.name: summary}
            told = until_unchanged(lambda _: self._update(index, pending, summaries=summaries))
            lease.settled = pending
            return told

    @contextmanager
    def announced(
        self, index: Index, names: Iterable[NormalizedName]
    ) -> Iterator[tuple[int, frozenset[NormalizedName]]]:
        """Put many projects on a root page in one run, after the body.

        A rebuild knows their names from a listing and holds none of their leases, so a project may
        be gone by now. Therefore the body must make sure that each of them is regenerated later.
        Its run then finds the root page ready (`stands`), or removes the line.

        Args:
            index: the index of the root page.
            names: the projects that a listing has shown.

        Yields:
            The number of the root page's run, and the names that it puts on the page: those without
            a pending declaration.

        Raises:
            LeaseHeldError, LeaseLostError, LockTableError: see `Leases.hold`.
            StorageError: S3 refused or failed.
        """
        with self.leases.hold(index.lock_id, NEVER_COVERED) as lease:
            assert lease is not None  # noqa: S101 - no run of another invocation covers this one
            new = frozenset(names) - decide(lease.pending).keys()
            yield lease.run, new
            entries = lease.pending.union(f"+{name}@{lease.run}" for name in new)
            until_unchanged(lambda _: self._update(index, entries))
            lease.settled = lease.pending

    def stands(self, project: Project, run: int) -> bool:
        """Whether the root page has not changed since a run that put this project on it.

        This takes one read and no lease. It waits while that run is still in progress.

        Raises:
            LockTableError: DynamoDB refused or failed.
        """
        item = self.leases.after(project.index.lock_id, run)
        untouched = item.run == item.completed == run and not item.owner and not item.dirty
        return untouched and project.name not in decide(item.pending)

    def agrees(self, project: Project, *, present: bool) -> bool:
        """Whether the root page is right about a project, and no run is about to change it.

        This takes two reads and no lease.

        Raises:
            LockTableError: DynamoDB refused or failed.
            StorageError: S3 refused or failed.
        """
        index = project.index
        item = self.leases.table.read(index.lock_id)
        if item.owner or item.dirty or project.name in decide(item.pending):
            return False  # it is being written, or was left half-written
        page = self.pages.read(index).page
        return (isinstance(page, RootPage) and project.name in page.projects) == present

    def refresh(self, index: Index, summaries: Mapping[NormalizedName, str]) -> None:
        """Bring the summaries of some projects up to date, if they are on the root page.

        Raises:
            As `tell`.
        """
        with self.leases.hold(index.lock_id, NEVER_COVERED) as lease:
            assert lease is not None  # noqa: S101 - no run of another invocation covers this one
            until_unchanged(lambda _: self._update(index, lease.pending, summaries=summaries))
            lease.settled = lease.pending

    @contextmanager
    def settled(self, index: Index, *, lost: bool = False) -> Iterator[bool]:
        """Hold an index's lease, and write the root page of its directory if that is an index.

        What is below the directory then is newer than all pending declarations. While the body
        runs, no project below can appear on a root page or leave it.

        Args:
            index: the directory.
            lost: whether somebody removed its root page, so that the one there may lack projects.

        Yields:
            Whether the directory is an index. If not, a page that is there is no longer a root
            page, and the body may replace it.

        Raises:
            ChangedError: the directory has become something else meanwhile.
            LeaseHeldError, LeaseLostError, LockTableError: see `Leases.hold`.
            StorageError: S3 refused or failed.
        """
        with self.leases.hold(index.lock_id, NEVER_COVERED) as lease:
            assert lease is not None  # noqa: S101 - no run of another invocation covers this one
            is_index = self.kinds.is_index(index)
            if is_index:
                told = until_unchanged(
                    lambda _: self._update(index, lease.pending, is_index=True, lost=lost)
                )
                if told.problem or told.gone:
                    raise ChangedError(f"{index.lock_id} has become something else meanwhile")
            yield is_index
            lease.settled = lease.pending

    def _update(
        self,
        index: Index,
        pending: Iterable[str],
        *,
        is_index: bool = False,
        lost: bool = False,
        summaries: Mapping[NormalizedName, str] | None = None,
    ) -> Told:
        """Write or delete a root page; `is_index` if its directory is known to be an index."""
        current, changes = self.pages.read(index), decide(pending)
        if isinstance(current.page, ProjectPage):
            return self._replace_project(current, appeared=is_index or any(changes.values()))
        if lost or (is_index and current.page is None):
            return self._write_complete(index)
        return self._change(current, changes, summaries or {})

    def _change(
        self,
        current: CurrentPages,
        changes: Mapping[NormalizedName, bool],
        summaries: Mapping[NormalizedName, str],
    ) -> Told:
        """Change the lines of a root page."""
        index = current.directory
        known = current.page.projects if isinstance(current.page, RootPage) else ()
        names = dict.fromkeys(known)
        for name, present in changes.items():
            if present:
                names[name] = None
            else:
                names.pop(name, None)
        if not names and not self.kinds.is_declared(index.path):
            self.pages.delete(current)
            return Told(gone=True)
        if names or current.exist:
            self._write(current, names, summaries)
        if current.exist and current.page is None:
            return Told(
                f"the root page {index.bucket}/{index.path} was damaged, or is of an old client,"
                " and has been started anew; rebuild the index to restore all of its projects"
            )
        return Told()

    def _replace_project(self, current: CurrentPages, *, appeared: bool) -> Told:
        """Replace the page of a project that is gone with the root page of all projects below."""
        index = Index(current.directory.bucket, current.directory.path)
        project = Project(index.bucket, index.path)
        objects = self.pages.storage.list(index.bucket, index.path)
        if self.kinds.holds_own(project, objects) or self.kinds.keeps(current):
            return Told(
                f"{index.lock_id} is a project of the index above it,"
                " so it cannot have a root page; move the project or the index"
            )
        if not appeared and not self.kinds.is_declared(index.path):
            return Told(gone=True)
        # Before the page changes, so that the next run after a crash finds the project's page.
        filed = tuple(
            self.filing.file_into(index, stored)
            for stored in objects
            if is_distribution(stored.filename)
        )
        return replace(self._write_complete(index), filed=filed)

    def _write_complete(self, index: Index) -> Told:
        """Write the root page with all projects below.

        If a project disappears between the listing and the write, its own run finds no line to
        remove. So the projects are listed again after the write.
        """
        names = set(self.kinds.projects_below(index))
        while True:
            current = self.pages.read(index)
            gone = not names and not self.kinds.is_declared(index.path)
            if gone:
                self.pages.delete(current)
            else:
                self._write(current, names)
            now = set(self.kinds.projects_below(index))
            if now == names:
                return Told(gone=gone)
            names = now

    def _write(
        self,
        current: CurrentPages,
        names: Iterable[NormalizedName],
        summaries: Mapping[NormalizedName, str] | None = None,
    ) -> None:
        known = current.page.summaries if isinstance(current.page, RootPage) else {}
        page = RootPage.of(names, {**known, **(summaries or {})})
        html = root_html(page, site=self.pages.site, path=current.directory.path)
        self.pages.write(current, root_json(page), html)


def decide(pending: Iterable[str]) -> dict[NormalizedName, bool]:
    """For each name in pending entries, whether its project is there: the highest run decides."""
    latest: dict[NormalizedName, tuple[int, int, bool]] = {}
    for entry in pending:
        name, _, number = entry[1:].rpartition("@")
        run, _, attempt = number.partition(".")
        word = (int(run), int(attempt or 0), entry.startswith("+"))
        key = NormalizedName(name)
        latest[key] = max(latest.get(key, word), word)
    return {name: present for name, (_, _, present) in latest.items()}
