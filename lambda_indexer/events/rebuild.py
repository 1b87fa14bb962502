"""Send the directories that differ from the bucket to the function's own queue."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from lambda_indexer.errors import LeaseHeldError, LeaseLostError, LockTableError, StorageError
from lambda_indexer.events.queue import Queue
from lambda_indexer.index.places import Index, Project
from lambda_indexer.index.root import RootUpdater
from lambda_indexer.survey.result import Survey

_ROOT_ERRORS: Final = (LeaseHeldError, LeaseLostError, LockTableError, StorageError)
PROJECTS_A_MESSAGE: Final = 10


@dataclass(frozen=True, slots=True)
class Rebuilder:
    """Rebuilds the indexes of a bucket.

    Attributes:
        queue: The function's queue.
        root: Updates root pages.
    """

    queue: Queue
    root: RootUpdater

    def rebuild(self, bucket: str, survey: Survey, *, fresh: bool) -> dict[str, Any]:
        """Refresh root pages, and send projects and misplaced files to the queue.

        Args:
            bucket: The bucket.
            survey: Its survey.
            fresh: Send all projects, to read every file and write every page.

        Returns:
            The numbers of refreshed root pages, of messages, and of projects in them.

        Raises:
            QueueError: SQS refused or failed.
        """
        refreshed = self._refresh(survey)
        projects = survey.wrong | (survey.projects if fresh else survey.unlinked)
        misplaced = survey.misplaced
        sent = self.queue.send(
            {"source": "s3pypi", "bucket": bucket, "file": misplaced[n : n + PROJECTS_A_MESSAGE]}
            for n in range(0, len(misplaced), PROJECTS_A_MESSAGE)
        )
        by_index: defaultdict[Index, set[Project]] = defaultdict(set)
        for project in projects & survey.present:
            by_index[project.index].add(project)
        sent += self._request(projects - survey.present, fresh=fresh)
        sent += sum(self._announce(index, by_index[index], fresh=fresh) for index in by_index)
        return {"summaries": refreshed, "messages": sent, "regenerated": len(projects)}

    def _refresh(self, survey: Survey) -> int:
        """Bring summaries and links of root pages up to date; return how many pages were.

        One that another run is writing is left for the next rebuild: a summary may be a day old.
        """
        refreshed = 0
        for index in sorted(survey.outdated):
            with suppress(*_ROOT_ERRORS):
                self.root.refresh(index, survey.summaries[index], survey.below.get(index))
                refreshed += 1
        return refreshed

    def _announce(self, index: Index, projects: set[Project], *, fresh: bool) -> int:
        """Send projects to the queue, and put all of them on their root page in one run.

        Otherwise the run of each new project would update the root page, and wait for its lease.
        """
        sent = 0
        left = projects
        try:
            with self.root.announce(index, [each.name for each in projects]) as (run, new):
                now = {project for project in projects if project.name in new}
                sent, left = self._request(now, fresh=fresh, announced=run), projects - now
        except _ROOT_ERRORS:
            pass  # the projects' own runs update the root page instead
        return sent + self._request(left, fresh=fresh)

    def _request(
        self, projects: Iterable[Project], *, fresh: bool, announced: int | None = None
    ) -> int:
        return self.queue.send(
            {
                "source": "s3pypi",
                "bucket": batch[0].bucket,
                "regenerate": [project.path for project in batch],
                "fresh": fresh,
                "announced": announced,
            }
            for batch in _in_batches(projects)
        )


def _in_batches(projects: Iterable[Project]) -> Iterator[list[Project]]:
    """Divide projects into lists for one message each, in order."""
    ordered = iter(sorted(projects))
    while batch := list(islice(ordered, PROJECTS_A_MESSAGE)):
        yield batch
