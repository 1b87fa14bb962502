"""The errors of the indexer, and what each means for a message."""


class IndexerError(Exception):
    """The root of all errors that the indexer raises itself."""


class SettingsError(IndexerError):
    """The function's environment is missing a value, or has one that cannot be used.

    Raised while the container starts, before any event is processed.
    """


class InvalidEventError(IndexerError):
    """The event has an unknown form; it ends in the dead-letter queue."""


class StorageError(IndexerError):
    """S3 refused or failed; the content of the bucket is unknown."""


class ObjectMissingError(StorageError):
    """S3 has no object with this key; no other error means absence."""


class UnreadableError(StorageError):
    """S3 has this object and does not give it to the function, or not as it was uploaded.

    It may be this one object's fault, or a permission that the function has lost. So whoever
    catches this keeps what is known of the object, and looks at it again in the next run.

    Attributes:
        reason: for a person who can read the index; it names nothing of the AWS account.
        certain: whether no permission of the function would help.
    """

    def __init__(self, reason: str, detail: str = "", *, certain: bool = False) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.certain = reason, certain


class ChangedError(StorageError):
    """The object is no longer (or not yet) the version that a conditional request named.

    Another writer changed it: what was read before is outdated, and the run lists again.
    """


class UnsettledError(StorageError):
    """Other writers got in at every attempt. The message is retried later."""


class CdnError(IndexerError):
    """CloudFront refused or failed to invalidate objects."""


class QueueError(IndexerError):
    """SQS refused or failed; some of the messages may have been sent, which does no harm."""


class LockTableError(IndexerError):
    """DynamoDB refused or failed; the holder of the lease is unknown."""


class LeaseHeldError(IndexerError):
    """Another run held the lease for as long as this one could wait.

    Attributes:
        retry_after: seconds until that lease expires.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TimeIsUpError(IndexerError):
    """A file was not read to its end, because the invocation needs its remaining time."""


class LeaseLostError(IndexerError):
    """The lease was lost before the work was done, so the work must be done again."""
