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
    """S3 cannot return this object: it is archived, or encrypted with a customer's key."""


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
