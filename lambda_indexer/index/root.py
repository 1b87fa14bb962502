"""The root page of an index: which projects there are; see docs/architecture.md.

A project's run never lists the bucket again to decide what the root page must say. It declares what
its own snapshot showed, with the number of its run; for each name, the highest run decides.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from packaging.utils import NormalizedName

from lambda_indexer.errors import ChangedError
from lambda_indexer.index.declarations import declaration, resolve
from lambda_indexer.index.places import Index, Project
from lambda_indexer.index.root_writer import RootUpdate, RootWriter
from lambda_indexer.locks.lease import NEVER_COVERED, Lease, Leases
from lambda_indexer.model import RootPage


@dataclass(frozen=True, slots=True)
class RootUpdater:
    """Updates root pages, for one invocation of the function.

    Attributes:
        writer: writes them.
        leases: of this invocation.
    """

    writer: RootWriter
    leases: Leases

    def update(self, project: Project, run: str, *, present: bool, summary: str = "") -> RootUpdate:
        """Put a project on the root page, or remove it.

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
        entry = declaration(project.name, run, present=present)
        with self.leases.hold(index.lock_id, entry=entry) as lease:
            if lease is None:
                return RootUpdate()
            entries = lease.pending | {entry}
            update = self.writer.update(index, entries, summaries={project.name: summary})
            lease.processed = entries
            return update

    @contextmanager
    def announce(
        self, index: Index, names: Iterable[NormalizedName]
    ) -> Iterator[tuple[int, frozenset[NormalizedName]]]:
        """Put many projects on a root page in one run, after the body.

        A rebuild knows their names from a listing and holds none of their leases, so a project may
        be gone by now. Therefore the body must make sure that each of them is regenerated later.
        Its run then finds the root page ready (`is_unchanged_since`), or removes the line.

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
        with self._hold(index) as lease:
            new = frozenset(names) - resolve(lease.pending).keys()
            yield lease.run, new
            announced = {declaration(name, lease.run, present=True) for name in new}
            if self.writer.update(index, lease.pending | announced).displaced:
                raise ChangedError(f"{index.lock_id} has the page of a project")

    def is_unchanged_since(self, run: int, project: Project) -> bool:
        """Whether the root page has not changed since a run that put this project on it.

        This takes one read and no lease. It waits while that run is still in progress.

        Raises:
            LockTableError: DynamoDB refused or failed.
        """
        item = self.leases.after(project.index.lock_id, run)
        untouched = item.run == item.completed == run and not item.owner and not item.dirty
        return untouched and project.name not in resolve(item.pending)

    def agrees(self, project: Project, *, present: bool) -> bool:
        """Whether the root page is right about a project, and no run is about to change it.

        This takes two reads and no lease.

        Raises:
            LockTableError: DynamoDB refused or failed.
            StorageError: S3 refused or failed.
        """
        index = project.index
        item = self.leases.table.read(index.lock_id)
        if item.owner or item.dirty or project.name in resolve(item.pending):
            return False  # it is being written, or was left half-written
        page = self.writer.pages.read(index).page
        return (isinstance(page, RootPage) and project.name in page.projects) == present

    def refresh(
        self, index: Index, summaries: Mapping[NormalizedName, str], below: Iterable[str] | None
    ) -> None:
        """Bring up to date what a root page shows besides its projects.

        Args:
            index: the index of the root page.
            summaries: of some of its projects, by name.
            below: see `RootWriter.update`.

        Raises:
            As `update`.
        """
        with self._hold(index) as lease:
            self.writer.update(index, lease.pending, summaries=summaries, below=below)

    @contextmanager
    def hold(self, index: Index, *, lost: bool = False) -> Iterator[bool]:
        """Hold an index's lease, and then write its root page if its directory is an index.

        The directory is listed after all pending declarations were made. While the body runs, no
        project below can appear on a root page or leave it. The body comes first, so that a run
        that dies leaves the page that knows what the body has to do.

        Args:
            index: the directory.
            lost: whether somebody removed its root page, so that the one there may lack projects.

        Yields:
            Whether the directory is an index. If not, a page that is there is no longer a root
            page, and the body may replace it.

        Raises:
            ChangedError: the directory is no longer an index.
            LeaseHeldError, LeaseLostError, LockTableError: see `Leases.hold`.
            StorageError: S3 refused or failed.
        """
        with self._hold(index) as lease:
            is_index = self.writer.kinds.is_index(index)
            yield is_index
            if is_index:
                update = self.writer.update(index, lease.pending, is_index=True, lost=lost)
                if update.gone:
                    raise ChangedError(f"{index.lock_id} is no longer an index")

    @contextmanager
    def _hold(self, index: Index) -> Iterator[Lease]:
        """Hold a root page's lease for a body that processes all pending declarations."""
        with self.leases.hold(index.lock_id, NEVER_COVERED) as lease:
            assert lease is not None  # noqa: S101 - no run of another invocation covers this one
            yield lease
            lease.processed = lease.pending
