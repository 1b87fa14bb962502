"""Make the next page of a directory: its files, their uploaders, and links to dependencies."""

from dataclasses import dataclass, replace
from typing import Final

from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.description import Description, describe
from lambda_indexer.index.links import Linker
from lambda_indexer.index.outcome import Run
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.index.uploaders import with_uploaders
from lambda_indexer.locks.lease import Leases
from lambda_indexer.pages.site import Site
from lambda_indexer.ports import Parallel, Storage

# Seconds of an invocation that are reserved for writing pages: half of the remaining time, within
# these limits.
_LEAST_RESERVE: Final = 8.0
_MOST_RESERVE: Final = 20.0


@dataclass(frozen=True, slots=True)
class PageMaker:
    """Makes the pages of projects.

    Attributes:
        storage: the bucket.
        leases: of this invocation, whose time limits how many files are read.
        linker: links dependencies.
        site: the deployment.
        parallel: maps over files in parallel.
    """

    storage: Storage
    leases: Leases
    linker: Linker
    site: Site
    parallel: Parallel

    def make(self, run: Run, snapshot: Snapshot, current: CurrentPages) -> Description:
        """Make the page of a directory's content, and put the sidecars that it names.

        Args:
            run: the run.
            snapshot: of the directory.
            current: its pages, as of that snapshot.

        Raises:
            ChangedError: the directory has changed since the snapshot.
            StorageError: S3 refused or failed.
        """
        reserve = min(_MOST_RESERVE, max(_LEAST_RESERVE, self.leases.remaining() / 2))
        previous = current.project_page
        description = describe(
            run,
            snapshot,
            previous,
            storage=self.storage,
            parallel=self.parallel,
            in_time=lambda: self.leases.remaining() > reserve,
        )
        records = with_uploaders(
            description.page.records, previous.records, run.trigger.uploads, self.site
        )
        page = replace(description.page, records=records)
        page = self.linker.link(page, previous, run.project.index, look=run.trigger.requested)
        return replace(description, page=page)
