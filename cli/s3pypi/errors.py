"""The exceptions of the command; users see their messages."""

from typing import ClassVar


class S3PyPIError(Exception):
    """An error that is shown to the user as a message, without a traceback.

    Attributes:
        exit_code: The exit code of the process.
    """

    exit_code: ClassVar[int] = 1


class UsageError(S3PyPIError):
    """The command line or an environment variable is invalid."""

    exit_code = 2


class NotIndexedError(S3PyPIError):
    """The upload succeeded, but not all files were listed within the time of `--wait`."""

    exit_code = 3


class RefusedError(S3PyPIError):
    """The upload succeeded, but the indexer refuses to list at least one file."""

    exit_code = 4


class DistributionError(S3PyPIError):
    """A file is not a valid distribution, or does not match its name."""


class MarkerError(S3PyPIError):
    """A marker in the bucket is invalid."""


class AwsError(S3PyPIError):
    """AWS refused a request, or could not be reached."""


class SetupError(AwsError):
    """The account, the bucket or the endpoint is wrong, so that no request can succeed."""


class CredentialsError(SetupError):
    """There are no credentials, or they are invalid or expired."""


class UnavailableError(AwsError):
    """AWS could not be reached or is overloaded; the request can be retried."""


class MissingError(AwsError):
    """The object does not exist."""


class ForbiddenError(AwsError):
    """The credentials are valid but do not permit the request."""


class ExistsError(AwsError):
    """A conditional write failed, because the object exists."""


class ChangedError(AwsError):
    """A conditional delete failed, because the object has changed."""


class ConflictError(AwsError):
    """Another write to the same key is in progress; the request can be retried."""


def is_interrupt(error: BaseException | None) -> bool:
    """Return whether an interrupt caused an error.

    Python raises `KeyboardInterrupt` wherever the main thread happens to be. In the middle of
    `threading`'s own code, it becomes "RuntimeError: release unlocked lock".
    """
    return error is not None and (
        isinstance(error, KeyboardInterrupt) or is_interrupt(error.__context__)
    )
