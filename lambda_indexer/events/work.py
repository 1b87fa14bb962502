"""From messages to work: what each event asks to be looked at, each project once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lambda_indexer.events.parsing import Message, ObjectEvent
from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.outcome import Trigger
from lambda_indexer.index.places import Index, Project
from s3pypi.distributions.filenames import is_distribution
from s3pypi.layout import (
    PAGE_HTML,
    PAGE_JSON,
    SIDECAR_EXTENSION,
    YANK_EXTENSION,
    DirectoryPath,
    is_marker,
    is_normalized,
    split_key,
)

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
        lost: whether somebody removed a page.
    """

    messages: set[int] = field(default_factory=set)
    events: int = 0
    oldest: datetime | None = None
    principals: set[str] = field(default_factory=set)
    redelivered: bool = False
    requested: bool = False
    fresh: bool = False
    lost: bool = False

    def trigger(self, now: float) -> Trigger:
        """Why a project is regenerated; `now` in epoch seconds."""
        late = self.oldest is not None and now - self.oldest.timestamp() > LATE
        return Trigger(self.redelivered or late, self.requested, self.fresh, self.lost)

    def add(self, message: int, event: ObjectEvent) -> None:
        """Add one event."""
        self.messages.add(message)
        self.events += 1
        if event.time is not None and (self.oldest is None or event.time < self.oldest):
            self.oldest = event.time
        if event.principal:
            self.principals.add(event.principal)
        self.lost |= _is_lost_page(event)


Work = Project | Index | Drop
"""A directory to regenerate, an index whose root page is gone, or a file to move."""


def work_of(event: ObjectEvent, kinds: Kinds) -> Work | None:
    """What an event asks to be looked at; None for foreign objects.

    Of pages and sidecars only a removal matters: the function writes them itself. What it removes
    itself raises an event too, whose run finds nothing to do.
    """
    directory, filename = _split(event.key)
    yank = filename.endswith(YANK_EXTENSION) and is_marker(filename)
    if is_distribution(filename) or (yank and not event.removed):
        if split_key(event.key) is None or not _may_be_project(directory, kinds):
            return Drop(event.bucket, event.key)
        return Project(event.bucket, directory)
    page = _is_lost_page(event)
    if _may_be_project(directory, kinds):
        sidecar = event.removed and filename.endswith(SIDECAR_EXTENSION)
        found = page or sidecar or is_marker(filename)
        return Project(event.bucket, directory) if found else None
    return Index(event.bucket, directory) if page else None


def _is_lost_page(event: ObjectEvent) -> bool:
    return event.removed and _split(event.key)[1] in {"", PAGE_JSON, PAGE_HTML}


def _split(key: str) -> tuple[DirectoryPath, str]:
    directory, slash, filename = key.rpartition("/")
    return DirectoryPath(directory + slash), filename


def _may_be_project(directory: DirectoryPath, kinds: Kinds) -> bool:
    return is_normalized(directory) and not kinds.is_declared(directory)


def causes_of(messages: Sequence[Message], kinds: Kinds) -> dict[Work, Cause]:
    """What messages ask to be looked at, and why.

    Args:
        messages: as `parsing.parse` returns them; those with an `error` ask for nothing.
        kinds: tells what a directory is.
    """
    causes: defaultdict[Work, Cause] = defaultdict(Cause)
    for number, message in enumerate(messages):
        for event in message.objects:
            work = work_of(event, kinds)
            if work is not None:
                causes[work].add(number, event)
                causes[work].redelivered |= message.receive_count > 1
        for request in message.requests:
            requested: Work = Drop(request.bucket, request.key)
            if request.directory:
                requested = Project(request.bucket, DirectoryPath(request.directory))
            causes[requested].messages.add(number)
            causes[requested].requested = True
            causes[requested].fresh |= request.fresh
    return causes
