"""One invocation's work: group its events by project, do each once, say which messages failed."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lambda_indexer.events.parsing import Message, ObjectEvent
from lambda_indexer.index.filing import Filed
from lambda_indexer.index.places import Project
from lambda_indexer.index.regeneration import Indexer, Outcome
from lambda_indexer.ports import Parallel
from s3pypi.distributions.filenames import is_distribution
from s3pypi.layout import DirectoryPath, is_marker, is_normalized, split_key

LATE: Final = 300.0
"""Seconds after which an event may come from a dead letter that somebody has moved back.

SQS counts the receptions of such a message anew. Ten failures take longer than this, by the pauses
between them (`messages.seconds_until_retry`), before anybody can move it back.
"""


@dataclass(frozen=True, slots=True)
class Drop:
    """A distribution that does not lie in a project's directory, to be filed away."""

    bucket: str
    key: str


@dataclass(slots=True)
class Cause:
    """Why something is looked at.

    Attributes:
        messages: the messages that stand or fall with it, by their places in the batch.
        events: how many events they hold about it.
        oldest: when the oldest of these events was raised.
        principals: who raised them.
        doubtful: whether a message comes back: the run that it had begun may have misled the root.
        asked: whether it was asked for, by a rebuild; nobody else's run covers it then.
        fresh: whether every file is to be looked at again.
    """

    messages: set[int] = field(default_factory=set)
    events: int = 0
    oldest: datetime | None = None
    principals: set[str] = field(default_factory=set)
    doubtful: bool = False
    asked: bool = False
    fresh: bool = False

    def add(self, message: int, event: ObjectEvent) -> None:
        """Count one event in."""
        self.messages.add(message)
        self.events += 1
        if event.time is not None and (self.oldest is None or event.time < self.oldest):
            self.oldest = event.time
        if event.principal:
            self.principals.add(event.principal)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one project or one dropped file.

    Attributes:
        work: what was looked at.
        cause: why.
        outcome: what came of it, or the error that its messages fail with.
        seconds: how long it took, waiting for a lease included.
    """

    work: Project | Drop
    cause: Cause
    outcome: Outcome | Filed | Exception
    seconds: float


def work_of(event: ObjectEvent) -> Project | Drop | None:
    """What an event asks to be looked at, None for pages, sidecars and foreign objects."""
    place = split_key(event.key)
    if place is None:
        return Drop(event.bucket, event.key) if is_distribution(event.key) else None
    directory, filename = place
    distribution = is_distribution(filename)
    if is_normalized(directory):
        found = distribution or is_marker(filename)
        return Project(event.bucket, directory) if found else None
    return Drop(event.bucket, event.key) if distribution else None


def process(messages: Sequence[Message], indexer: Indexer, parallel: Parallel) -> list[Result]:
    """Do what the messages ask for, each project once.

    Args:
        messages: as `events.parse` gives them; those with an `error` ask for nothing.
        indexer: does the work.
        parallel: maps over projects at the same time.

    Returns:
        A result for each project and dropped file, errors included; nothing is raised.
    """
    causes, now = _causes(messages), indexer.leases.clock()

    def do(work: Project | Drop) -> Result:
        started = time.monotonic()
        outcome: Outcome | Filed | Exception
        try:
            if isinstance(work, Project):
                cause = causes[work]
                late = cause.oldest is not None and now - cause.oldest.timestamp() > LATE
                doubtful = cause.doubtful or late
                outcome = indexer.regenerate(
                    work, doubtful=doubtful, asked=cause.asked, fresh=cause.fresh
                )
            else:
                outcome = indexer.filing.file(work.bucket, work.key)
        except Exception as error:  # noqa: BLE001 - each fails for itself
            outcome = error
        return Result(work, causes[work], outcome, time.monotonic() - started)

    return list(parallel(do, causes))


def failed(messages: Sequence[Message], results: Iterable[Result]) -> dict[int, Exception]:
    """The places of the messages that have to come back, with one error for each."""
    errors: dict[int, Exception] = {
        number: message.error for number, message in enumerate(messages) if message.error
    }
    for result in results:
        if isinstance(result.outcome, Exception):
            errors.update(dict.fromkeys(result.cause.messages, result.outcome))
    return errors


def _causes(messages: Sequence[Message]) -> defaultdict[Project | Drop, Cause]:
    causes: defaultdict[Project | Drop, Cause] = defaultdict(Cause)
    for number, message in enumerate(messages):
        for event in message.objects:
            work = work_of(event)
            if work is not None:
                causes[work].add(number, event)
                causes[work].doubtful |= message.receive_count > 1
        for request in message.requests:
            asked: Project | Drop = Drop(request.bucket, request.key)
            if request.directory:
                asked = Project(request.bucket, DirectoryPath(request.directory))
            causes[asked].messages.add(number)
            causes[asked].asked = True
            causes[asked].fresh |= request.fresh
    return causes
