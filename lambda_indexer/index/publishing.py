"""Write a project's pages, and remove the markers and sidecars of files that are gone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from lambda_indexer.errors import ChangedError, LeaseLostError, ObjectMissingError
from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.description import Description
from lambda_indexer.index.invalidation import Invalidation
from lambda_indexer.index.outcome import Outcome, Run
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Project
from lambda_indexer.index.sidecars import sidecar_key
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.model import ProjectPage
from lambda_indexer.pages.rendering import project_html, project_json


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes the pages of projects.

    Attributes:
        pages: reads and writes pages.
        invalidation: notes what changed.
        one_url: whether the index has an upstream.
    """

    pages: Pages
    invalidation: Invalidation
    one_url: bool = False

    def publish(
        self, run: Run, snapshot: Snapshot, current: CurrentPages, description: Description
    ) -> Outcome:
        """Write the pages, or delete them if there is nothing to show.

        Args:
            run: the run.
            snapshot: of the directory.
            current: the pages, as of that snapshot.
            description: what the pages are to show; its sidecars are there already.

        Raises:
            ChangedError: another writer got in.
            LeaseLostError: another run has the lease.
            LockTableError, StorageError: AWS refused or failed.
        """
        page = description.page
        self._remove_yanks(snapshot, description.outcome.removed)
        if page.foreign and not snapshot.distributions:
            page, written = ProjectPage(page.name), self.pages.delete(current)
        else:
            written = self.write(current, page, force=run.trigger.fresh)
        self._remove_sidecars(run, snapshot, _orphans(snapshot, page))
        self.invalidation.note(run, description.stale)
        return replace(description.outcome, pages_written=written)

    def clear(self, run: Run, snapshot: Snapshot, previous: ProjectPage) -> Outcome:
        """Remove what belongs to the files of a project whose directory is an index now.

        Args:
            run: the run.
            snapshot: of the directory.
            previous: the project's page, which is still there if the last run has not finished.

        Raises:
            As `publish`.
        """
        removed = snapshot.missing(previous)
        self._remove_yanks(snapshot, removed)
        self._remove_sidecars(run, snapshot, snapshot.sidecars)
        self.invalidation.note(run, removed)
        return replace(run.outcome(), removed=removed)

    def write(self, current: CurrentPages, page: ProjectPage, *, force: bool) -> int:
        """Write the pages that differ, or both; the number of pages written."""
        directory = current.directory
        path = Project(directory.bucket, directory.path).index.path
        html = project_html(page, one_url=self.one_url, site=self.pages.site, path=path)
        return self.pages.write(current, project_json(page), html, force=force)

    def _remove_yanks(self, snapshot: Snapshot, removed: Iterable[str]) -> None:
        """Delete the yank markers of files that are gone, so that they yank no later file.

        The page still names these files: if this run dies, the next one knows them, too.
        """
        bucket, storage = snapshot.project.bucket, self.pages.storage
        for filename in removed:
            marker = snapshot.yanks.get(filename)
            if marker is not None:
                try:
                    storage.head(bucket, snapshot.project.path + filename)
                except ObjectMissingError:
                    storage.delete(bucket, marker.key, marker.etag)
                else:
                    raise ChangedError(f"{filename} is there again")

    def _remove_sidecars(self, run: Run, snapshot: Snapshot, orphans: Collection[str]) -> None:
        """Delete sidecars that no page names anymore, unless another run has the lease.

        Pages are written on condition, but a newer page may name the very sidecar.
        """
        if orphans and not self.invalidation.leases.is_held(run.project.lock_id, run.lease):
            raise LeaseLostError(
                f"the lease {run.project.lock_id} of run {run.lease.run} was taken by another run"
            )
        for filename in sorted(orphans):
            key = sidecar_key(snapshot.project, filename)
            self.pages.storage.delete(snapshot.project.bucket, key, snapshot.sidecars[filename])


def _orphans(snapshot: Snapshot, page: ProjectPage) -> set[str]:
    """The sidecars that a page does not name, by file.

    Sidecars of files that are still to be read stay for the run that reads the files.
    """
    named = {file.filename for file in page.records if file.sidecar}
    known = {file.filename for file in page.records} | {file.filename for file in page.refused}
    unshown = set(page.unshown)
    unknown = {
        filename
        for filename, stored in snapshot.files.items()
        if filename not in known and not (unshown and stored.fingerprint in unshown)
    }
    return snapshot.sidecars.keys() - named - unknown
