"""The exceptions of the indexer."""


class IndexerError(Exception):
    """The base class of all exceptions of the indexer."""


class SettingsError(IndexerError):
    """An environment variable is missing or invalid. Raised when the container starts."""


class InvalidEventError(IndexerError):
    """The event has an unknown format; its message goes to the dead-letter queue."""


class StorageError(IndexerError):
    """A request to S3 failed."""


class ObjectMissingError(StorageError):
    """The object does not exist. No other exception means that."""


class UnreadableError(StorageError):
    """The function cannot read an object that exists, or not as it was uploaded.

    The cause may be the object, or a permission that the function has lost. So callers keep the
    record of the object, and try to read it again in the next run.

    Attributes:
        reason: The reason, for readers of the index; it contains nothing about the AWS account.
        certain: Whether the cause is the object, and not a missing permission.
    """

    def __init__(self, reason: str, detail: str = "", *, certain: bool = False) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.certain = reason, certain


class ChangedError(StorageError):
    """A conditional request failed, because another client has changed the object.

    The run starts again with a new listing.
    """


class ContentionError(StorageError):
    """All attempts failed, because other clients changed the project. The message is retried."""


class CdnError(IndexerError):
    """An invalidation in CloudFront failed."""


class QueueError(IndexerError):
    """A request to SQS failed. Some messages may have been sent, which is harmless."""


class LockTableError(IndexerError):
    """A request to DynamoDB failed, so the owner of the lease is unknown."""


class LeaseHeldError(IndexerError):
    """Another run held the lease until this one stopped waiting.

    Attributes:
        retry_after: The seconds until that lease expires.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TimeIsUpError(IndexerError):
    """Reading a file was stopped, because the invocation needs its remaining time."""


class LeaseLostError(IndexerError):
    """The lease was lost before the run ended, so the run must be repeated."""
