"""Group the events of a batch by the project or file to process."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lambda_indexer.events.messages import Message, ObjectEvent
from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.outcome import Trigger
from lambda_indexer.index.places import Index, Project
from lambda_indexer.index.uploaders import Upload
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
"""The age in seconds from which an event may be a redriven dead letter.

SQS counts the deliveries of a redriven message from zero. Because of the pauses between retries
(`aws.sqs.seconds_until_retry`), ten failures take longer than this, so redriven messages are older.
"""


@dataclass(frozen=True, slots=True)
class MisplacedFile:
    """A distribution outside of its project's directory, which must be moved."""

    bucket: str
    key: str


@dataclass(slots=True)
class Cause:
    """The cause of processing a project or file.

    Attributes:
        messages: The indexes of its messages in the batch, which fail if the processing fails.
        events: The number of its events in these messages.
        oldest: The time of the oldest event.
        principals: The principals who caused the events.
        redelivered: Whether one of the messages was delivered before.
        requested: Whether a rebuild requests it.
        fresh: Whether to read every file again.
        lost: Whether somebody else than the function deleted a page.
        announced: See `Trigger`; that of the last rebuild.
        uploads: What the events say of who uploaded which version of which file.
        sizes: See `Trigger`.
    """

    messages: set[int] = field(default_factory=set)
    events: int = 0
    oldest: datetime | None = None
    principals: set[str] = field(default_factory=set)
    redelivered: bool = False
    requested: bool = False
    fresh: bool = False
    lost: bool = False
    announced: int | None = None
    uploads: list[Upload] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def trigger(self, now: float) -> Trigger:
        """Return the trigger of a regeneration; `now` is in epoch seconds."""
        late = self.oldest is not None and now - self.oldest.timestamp() > LATE
        return Trigger(
            self.redelivered or late,
            self.requested,
            self.fresh,
            self.lost,
            self.announced,
            tuple(self.uploads),
            self.sizes,
        )

    def add(self, message: int, event: ObjectEvent, session: str) -> None:
        """Add an event; `session` is the name of the function's own sessions."""
        self.messages.add(message)
        self.events += 1
        if event.time is not None and (self.oldest is None or event.time < self.oldest):
            self.oldest = event.time
        if event.principal:
            self.principals.add(event.principal)
            filename = _split(event.key)[1]
            if event.etag and not event.removed and is_distribution(filename):
                self.uploads.append(Upload(filename, event.etag, event.principal, event.time))
        own = bool(session) and (event.principal or "").rpartition(":")[2] == session
        self.lost |= _is_lost_page(event) and not own
        if event.size is not None and not event.removed and is_distribution(event.key):
            self.sizes[event.key] = event.size


Work = Project | Index | MisplacedFile
"""A project to regenerate, an index whose root page was deleted, or a file to move."""


def work_of(event: ObjectEvent, kinds: Kinds) -> Work | None:
    """Return the work of an event; None for unrelated objects.

    Changes of pages and `.metadata` files are ignored, except for deletions. The function's own
    deletions cause events, too; their runs find nothing to do.
    """
    directory, filename = _split(event.key)
    yank = filename.endswith(YANK_EXTENSION) and is_marker(filename)
    if is_distribution(filename) or (yank and not event.removed):
        if split_key(event.key) is None or not _may_be_project(directory, kinds):
            return MisplacedFile(event.bucket, event.key)
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


def causes_of(messages: Sequence[Message], kinds: Kinds, session: str = "") -> dict[Work, Cause]:
    """Return the work of a batch, with the causes.

    Args:
        messages: The messages, from `parsing.parse`; those with an `error` are skipped.
        kinds: Determines the kinds of directories.
        session: The name of the function's own sessions; empty if unknown.
    """
    causes: defaultdict[Work, Cause] = defaultdict(Cause)
    for number, message in enumerate(messages):
        for event in message.objects:
            work = work_of(event, kinds)
            if work is not None:
                causes[work].add(number, event, session)
                causes[work].redelivered |= message.receive_count > 1
        for request in message.requests:
            requested: Work = MisplacedFile(request.bucket, request.key)
            if request.directory:
                requested = Project(request.bucket, DirectoryPath(request.directory))
            causes[requested].messages.add(number)
            causes[requested].requested = True
            causes[requested].fresh |= request.fresh
            if request.announced is not None:
                causes[requested].announced = max(
                    request.announced, causes[requested].announced or 0
                )
    return causes
