"""What can go wrong in the indexer: one tree, and what each branch means for a message."""


class IndexerError(Exception):
    """The root of all errors that the indexer raises itself."""


class SettingsError(IndexerError):
    """The function's environment is missing a value, or has one that cannot be used.

    Raised while the container starts, before any event is looked at.
    """


class InvalidEventError(IndexerError):
    """The event is of no form that this function knows; it is left for the dead-letter queue."""


class StorageError(IndexerError):
    """S3 refused or failed. Nothing may be concluded about what is in the bucket."""


class ObjectMissingError(StorageError):
    """S3 says that there is no object under this key: the one answer that means absence."""


class UnreadableError(StorageError):
    """S3 says of this one object that nobody can read it as it is: archived, or another's key."""


class ChangedError(StorageError):
    """The object is no longer (or not yet) the version that a conditional request named.

    Another writer got in; what was read before is out of date and the work starts again from LIST.
    """


class CdnError(IndexerError):
    """CloudFront refused or failed to forget what it keeps."""


class QueueError(IndexerError):
    """SQS refused or failed; what was to be sent may be sent in part, which does no harm."""


class LockTableError(IndexerError):
    """DynamoDB refused or failed. Nothing may be concluded about who holds a lease."""


class LeaseHeldError(IndexerError):
    """Somebody else held the lease for as long as we could wait.

    Attributes:
        retry_after: seconds until that lease is over, when trying again is sure to make sense.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TimeIsUpError(IndexerError):
    """A file was not looked at to its end, for the invocation needs what is left for the rest."""


class LeaseLostError(IndexerError):
    """The lease was not ours any more when the work was done, so the work has to be done again."""
