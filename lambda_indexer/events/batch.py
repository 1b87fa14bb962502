"""Process a batch: group events by project, process each project once, collect failed messages."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lambda_indexer.events.parsing import Message, ObjectEvent
from lambda_indexer.index.filing import Filed
from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.outcome import Outcome, Trigger
from lambda_indexer.index.places import Project
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.ports import Parallel
from s3pypi.distributions.filenames import is_distribution
from s3pypi.layout import DirectoryPath, is_marker, is_normalized, split_key

LATE: Final = 300.0
"""Age in seconds from which an event may come from a redriven dead letter.

SQS counts the deliveries of a redriven message from zero. Ten failures take longer than this,
because of the pauses between them (`aws.sqs.seconds_until_retry`), so no redriven message is
younger.
"""


@dataclass(frozen=True, slots=True)
class Drop:
    """A distribution outside of a project's directory, to be moved."""

    bucket: str
    key: str


@dataclass(slots=True)
class Cause:
    """Why a project or file is processed.

    Attributes:
        messages: the indexes in the batch of the messages that fail if this fails.
        events: how many events these messages have about it.
        oldest: when the oldest of these events was raised.
        principals: who raised them.
        redelivered: whether one of these messages was received before.
        requested: whether a rebuild requests it.
        fresh: whether every file is to be read again.
    """

    messages: set[int] = field(default_factory=set)
    events: int = 0
    oldest: datetime | None = None
    principals: set[str] = field(default_factory=set)
    redelivered: bool = False
    requested: bool = False
    fresh: bool = False

    def trigger(self, now: float) -> Trigger:
        """Why a project is regenerated; `now` in epoch seconds."""
        late = self.oldest is not None and now - self.oldest.timestamp() > LATE
        return Trigger(self.redelivered or late, self.requested, self.fresh)

    def add(self, message: int, event: ObjectEvent) -> None:
        """Add one event."""
        self.messages.add(message)
        self.events += 1
        if event.time is not None and (self.oldest is None or event.time < self.oldest):
            self.oldest = event.time
        if event.principal:
            self.principals.add(event.principal)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one project or one misplaced file.

    Attributes:
        work: the project or file.
        cause: why it was processed.
        outcome: the result, or the error with which its messages fail.
        seconds: how long it took, including the wait for a lease.
    """

    work: Project | Drop
    cause: Cause
    outcome: Outcome | Filed | Exception
    seconds: float


def work_of(event: ObjectEvent, kinds: Kinds) -> Project | Drop | None:
    """What an event asks to be looked at, None for pages, sidecars and foreign objects."""
    place = split_key(event.key)
    if place is None:
        return Drop(event.bucket, event.key) if is_distribution(event.key) else None
    directory, filename = place
    distribution = is_distribution(filename)
    if is_normalized(directory) and not kinds.is_declared(directory):
        found = distribution or is_marker(filename)
        return Project(event.bucket, directory) if found else None
    return Drop(event.bucket, event.key) if distribution else None


def process(messages: Sequence[Message], indexer: Indexer, parallel: Parallel) -> list[Result]:
    """Process the messages, each project once.

    Args:
        messages: as `parsing.parse` returns them; those with an `error` are skipped.
        indexer: does the work.
        parallel: maps over projects in parallel.

    Returns:
        A result for each project and misplaced file, including errors; nothing is raised.
    """
    causes, now = _causes(messages, indexer.kinds), indexer.leases.clock()

    def do(work: Project | Drop) -> Result:
        started = time.monotonic()
        outcome: Outcome | Filed | Exception
        try:
            if isinstance(work, Project):
                cause = causes[work]
                outcome = indexer.regenerate(work, cause.trigger(now))
            else:
                outcome = indexer.filing.file(work.bucket, work.key)
        except Exception as error:  # noqa: BLE001 - each fails for itself
            outcome = error
        return Result(work, causes[work], outcome, time.monotonic() - started)

    return list(parallel(do, causes))


def failed(messages: Sequence[Message], results: Iterable[Result]) -> dict[int, Exception]:
    """The indexes of the messages to retry, with one error for each."""
    errors: dict[int, Exception] = {
        number: message.error for number, message in enumerate(messages) if message.error
    }
    for result in results:
        if isinstance(result.outcome, Exception):
            errors.update(dict.fromkeys(result.cause.messages, result.outcome))
    return errors


def _causes(messages: Sequence[Message], kinds: Kinds) -> defaultdict[Project | Drop, Cause]:
    causes: defaultdict[Project | Drop, Cause] = defaultdict(Cause)
    for number, message in enumerate(messages):
        for event in message.objects:
            work = work_of(event, kinds)
            if work is not None:
                causes[work].add(number, event)
                causes[work].redelivered |= message.receive_count > 1
        for request in message.requests:
            requested: Project | Drop = Drop(request.bucket, request.key)
            if request.directory:
                requested = Project(request.bucket, DirectoryPath(request.directory))
            causes[requested].messages.add(number)
            causes[requested].requested = True
            causes[requested].fresh |= request.fresh
    return causes
