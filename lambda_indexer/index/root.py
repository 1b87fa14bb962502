"""The root page of an index (design, section 5): which projects there are.

A project's run never lists the bucket again to decide what the root page must contain. It declares
what its own snapshot showed, with the number of its run; for each name, the highest run decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.utils import NormalizedName

from lambda_indexer.index.page_store import Pages, until_unchanged
from lambda_indexer.index.places import Index, Project
from lambda_indexer.locks.lease import Leases
from lambda_indexer.model import ProjectPage, RootPage
from lambda_indexer.pages.rendering import root_html, root_json


@dataclass(frozen=True, slots=True)
class RootKeeper:
    """Keeps root pages, for one invocation of the function.

    Attributes:
        pages: reads and writes them.
        leases: of this invocation.
    """

    pages: Pages
    leases: Leases

    def see_to(self, project: Project, run: int, *, present: bool) -> str | None:
        """Add a project to the root page, or remove it.

        Args:
            project: the project.
            run: the run of the project's lease.
            present: what this run's snapshot shows.

        Returns:
            None, or a problem to report: a project takes the place of the root page, or the old
            root page could not be read.

        Raises:
            LeaseHeldError, LeaseLostError, LockTableError: see `Leases.hold`.
            StorageError: S3 refused or failed.
        """
        index = project.index
        entry = f"{'+' if present else '-'}{project.name}@{run}"
        since = self.leases.declare(index.lock_id, entry)
        with self.leases.hold(index.lock_id, since) as lease:
            if lease is None:
                return None
            pending = lease.pending | {entry}
            problem = until_unchanged(lambda _: self._rewrite(index, pending, force=lease.recovery))
            lease.settled = pending
            return problem

    def _rewrite(self, index: Index, pending: frozenset[str], *, force: bool) -> str | None:
        current = self.pages.read(index)
        if isinstance(current.page, ProjectPage):
            return (
                f"{index.lock_id} is a project of the index above it,"
                " so it cannot have a root page; move the project or the index"
            )
        names = dict.fromkeys(current.page.projects if current.page else ())
        for name, present in decide(pending).items():
            if present:
                names[name] = None
            else:
                names.pop(name, None)
        page = RootPage.of(names)
        self.pages.write(current, root_json(page), root_html(page), force=force)
        if current.exist and current.page is None:
            return (
                f"the root page {index.lock_id} was damaged or written by an old client, and was"
                " started again; rebuild the index to restore all of its projects"
            )
        return None


def decide(pending: Iterable[str]) -> dict[NormalizedName, bool]:
    """Whether each name among the pending entries exists: the highest run decides."""
    latest: dict[NormalizedName, tuple[int, bool]] = {}
    for entry in pending:
        name, _, run = entry[1:].rpartition("@")
        word = (int(run), entry.startswith("+"))
        key = NormalizedName(name)
        latest[key] = max(latest.get(key, word), word)
    return {name: present for name, (_, present) in latest.items()}
