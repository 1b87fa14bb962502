"""The errors that users see, as one tree."""

from typing import ClassVar


class S3PyPIError(Exception):
    """An error that is shown as one message, without a traceback.

    Attributes:
        exit_code: The exit code of the process.
    """

    exit_code: ClassVar[int] = 1


class UsageError(S3PyPIError):
    """The command line or an environment variable is invalid."""

    exit_code = 2


class NotIndexedError(S3PyPIError):
    """The upload succeeded, but `--wait` did not see each file on its page in time."""

    exit_code = 3


class QuarantinedError(S3PyPIError):
    """The files are in the bucket, but the indexer refuses to list at least one."""

    exit_code = 4


class DistributionError(S3PyPIError):
    """A file that is not the distribution its name says."""


class MarkerError(S3PyPIError):
    """A marker in the bucket is invalid."""


class AwsError(S3PyPIError):
    """AWS refused a request, or could not be reached."""


class SetupError(AwsError):
    """No request with this account, bucket and endpoint can succeed."""


class CredentialsError(SetupError):
    """There are no credentials, or they are invalid or expired."""


class UnavailableError(AwsError):
    """AWS could not be reached or is overloaded; the same request may succeed later."""


class MissingError(AwsError):
    """There is no such object; only raised for a missing key."""


class ForbiddenError(AwsError):
    """The credentials are valid but do not permit this."""


class ExistsError(AwsError):
    """A conditional write found an object under the key."""


class ChangedError(AwsError):
    """A conditional delete found an object with other content."""


class ConflictError(AwsError):
    """Another write to the same key is in progress; the same request may succeed later."""
