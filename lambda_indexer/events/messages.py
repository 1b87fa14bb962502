"""The messages that the function processes: changes of objects, and requests of a rebuild."""

from dataclasses import dataclass
from datetime import datetime

from lambda_indexer.errors import InvalidEventError


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """A change of an object.

    Attributes:
        bucket: The bucket.
        key: The decoded key.
        time: The time of the change, in UTC; None if unknown.
        principal: The ID of the principal who made the change; None if unknown.
        removed: Whether the object was deleted, by a client or by a lifecycle rule.
        etag: The ETag of the new version; None if unknown.
        size: Its size in bytes, None if unknown.
    """

    bucket: str
    key: str
    time: datetime | None = None
    principal: str | None = None
    removed: bool = False
    etag: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request that a rebuild has sent to the queue.

    Attributes:
        bucket: The bucket.
        directory: The project's directory, with a trailing slash; empty for a file.
        key: The key of a distribution to move; empty for a project.
        fresh: Whether to read every file again.
        announced: The run that put the project on the root page, None if none did.
    """

    bucket: str
    directory: str = ""
    key: str = ""
    fresh: bool = False
    announced: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """The unit that succeeds or fails: an SQS message, or a whole event from another source.

    Attributes:
        objects: The changes.
        requests: The requests of a rebuild.
        error: The error if the message could not be parsed, else None.
        id: The ID of the SQS message; None for other sources.
        receipt_handle: The receipt handle of the SQS message.
        queue_arn: The ARN of the SQS queue.
        receive_count: How often SQS has delivered this message, including this time.
    """

    objects: tuple[ObjectEvent, ...]
    requests: tuple[Request, ...] = ()
    error: InvalidEventError | None = None
    id: str | None = None
    receipt_handle: str = ""
    queue_arn: str = ""
    receive_count: int = 1
