"""The commands of the function: verify, rebuild, queue, names, digests, forget, check_names."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from packaging.utils import canonicalize_name

from lambda_indexer.errors import (
    InvalidEventError,
    LeaseHeldError,
    LeaseLostError,
    LockTableError,
    StorageError,
)
from lambda_indexer.events.name_check import NameCheck, digests_of
from lambda_indexer.index.places import Index, Project
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.index.survey import Survey, Surveyor, in_batches
from s3pypi.layout import DirectoryPath

_ROOT_ERRORS: Final = (LeaseHeldError, LeaseLostError, LockTableError, StorageError)
PROJECTS_A_MESSAGE: Final = 10


@dataclass(frozen=True, slots=True)
class QueueState:
    """The number of messages that are waiting, in flight, and in the dead-letter queue."""

    waiting: int
    in_flight: int
    dead: int


class Queue(Protocol):
    """The function's queue."""

    def send(self, bodies: Iterable[Mapping[str, Any]]) -> int:
        """Send messages, and return their number. May raise `QueueError`."""

    def state(self) -> QueueState:
        """Return the state of the queue. May raise `QueueError`."""


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs commands.

    Attributes:
        surveyor: Compares indexes with buckets.
        indexer: Forgets names.
        queue: The function's queue.
        name_check: Asks the deployment's upstream for names; None if there is no upstream.
    """

    surveyor: Surveyor
    indexer: Indexer
    queue: Queue
    name_check: NameCheck | None = None

    def run(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Run a command.

        Args:
            event: The command. `command` is one of `verify`, `rebuild`, `queue`, `names`,
                `digests`, `forget` and `check_names`. All but `queue` take `bucket`, and all but
                `queue` and `check_names` optionally take `prefix` and `names`; `digests` and
                `forget` require `names`. `rebuild` regenerates the projects that differ; with
                `fresh`, it regenerates all projects, reads every file and writes every page.
                `check_names` optionally takes `acknowledged`; see `NameCheck`.

        Returns:
            The response, as JSON.

        Raises:
            InvalidEventError: The command or its arguments are invalid.
            StorageError, QueueError: A request to AWS failed.
        """
        command = event["command"]
        if command == "queue":
            state = self.queue.state()
            return {"waiting": state.waiting, "in_flight": state.in_flight, "dead": state.dead}
        if command == "forget":
            return self._forget(_text(event, "bucket"), _prefix(event), _names(event))
        if command == "names":
            return {"names": self._all_names(_text(event, "bucket"), _prefix(event))}
        if command == "digests":
            return {"digests": self._digests(_text(event, "bucket"), _prefix(event), _names(event))}
        if command == "check_names":
            return self._check_names(_text(event, "bucket"), _names(event, "acknowledged"))
        if command not in {"verify", "rebuild"}:
            raise InvalidEventError(
                f"unknown command {command!r}; use verify, rebuild, queue, names, digests, forget"
                " or check_names"
            )
        bucket, fresh = _text(event, "bucket"), event.get("fresh") is True
        survey = self.surveyor.survey(bucket, _prefix(event), _names(event))
        report = _report(survey)
        if command == "rebuild":
            projects = survey.projects | survey.wrong if fresh else survey.wrong
            report["summaries"] = self._refresh(survey)
            report |= self._send(bucket, survey, projects, fresh=fresh)
        return report

    def _forget(self, bucket: str, prefix: str, names: Sequence[str]) -> dict[str, Any]:
        """Delete the pages of projects without files; report projects with files as kept."""
        if not names:
            raise InvalidEventError("the command needs 'names', a list of strings")
        index = Index(bucket, DirectoryPath(prefix))
        projects = [index.project(canonicalize_name(name)) for name in names]
        outcomes = [self.indexer.forget(project) for project in projects]
        self.indexer.invalidation.send()
        return {
            "forgotten": [each.project.name for each in outcomes if not each.present],
            "kept": [each.project.name for each in outcomes if each.present],
        }

    def _all_names(self, bucket: str, prefix: str) -> list[str]:
        """Return the names of all projects below a prefix, including those without files."""
        return sorted({project.name for project in self.surveyor.projects(bucket, prefix)})

    def _digests(self, bucket: str, prefix: str, names: Sequence[str]) -> list[str]:
        """Return the SHA-256 digests of the files of projects, in every index below a prefix."""
        if not names:
            raise InvalidEventError("the command needs 'names', a list of strings")
        indexes = [prefix, *(each for each in self.indexer.prefixes if each.startswith(prefix))]
        projects = {
            Index(bucket, DirectoryPath(path)).project(canonicalize_name(name))
            for path in indexes
            for name in names
        }
        return sorted(digests_of(self.indexer.pages, sorted(projects)))

    def _check_names(self, bucket: str, acknowledged: Sequence[str]) -> dict[str, Any]:
        if self.name_check is None:
            raise InvalidEventError("S3PYPI_UPSTREAM is not set, so there is no upstream to ask")
        return self.name_check.run(self.surveyor, self.indexer.pages, bucket, acknowledged)

    def _refresh(self, survey: Survey) -> int:
        """Bring the summaries of root pages up to date; return how many pages were.

        One that another run is writing is left for the next rebuild: a summary may be a day old.
        """
        refreshed = 0
        for index in sorted(survey.outdated):
            with suppress(*_ROOT_ERRORS):
                self.indexer.root.refresh(index, survey.summaries[index])
                refreshed += 1
        return refreshed

    def _send(
        self, bucket: str, survey: Survey, projects: set[Project], *, fresh: bool
    ) -> dict[str, Any]:
        """Send what is to be done to the queue."""
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
        return {"messages": sent, "regenerated": len(projects)}

    def _announce(self, index: Index, projects: set[Project], *, fresh: bool) -> int:
        """Send projects to the queue, and put all of them on their root page in one run.

        Otherwise the run of each new project would update the root page, and wait for its lease.
        """
        sent = 0
        left = projects
        try:
            with self.indexer.root.announced(index, [each.name for each in projects]) as (run, new):
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
            for batch in in_batches(projects, PROJECTS_A_MESSAGE)
        )


def _report(survey: Survey) -> dict[str, Any]:
    return {
        "objects": survey.objects,
        "projects": len(survey.projects),
        "count": survey.count,
        "mendable": survey.mendable,
        "differences": [{"place": one.place, "what": one.what} for one in survey.differences],
    }


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidEventError(f"the command needs {name!r}, a non-empty string")
    return value


def _prefix(event: Mapping[str, Any]) -> str:
    prefix = event.get("prefix") or ""
    if not isinstance(prefix, str):
        raise InvalidEventError("'prefix' is not a string")
    return f"{prefix.strip('/')}/" if prefix.strip("/") else ""


def _names(event: Mapping[str, Any], argument: str = "names") -> Sequence[str]:
    names = event.get(argument) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InvalidEventError(f"{argument!r} is not a list of strings")
    try:
        return sorted({canonicalize_name(name, validate=True) for name in names})
    except ValueError as error:
        raise InvalidEventError(f"{argument!r}: {error}") from error
