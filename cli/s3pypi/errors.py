"""Everything that can go wrong and is told to the user, as one tree."""

from typing import ClassVar


class S3PyPIError(Exception):
    """A problem told to the user in one message, without a traceback.

    Attributes:
        exit_code: What the process exits with when this reaches `main`.
    """

    exit_code: ClassVar[int] = 1


class UsageError(S3PyPIError):
    """The command line or an environment variable asks for something that makes no sense."""

    exit_code = 2


class NotIndexedError(S3PyPIError):
    """Nothing failed, but `--wait` did not see each file on its page with its own content."""

    exit_code = 3


class QuarantinedError(S3PyPIError):
    """The files are in the bucket, but the indexer refused to list at least one of them."""

    exit_code = 4


class DistributionError(S3PyPIError):
    """A file that is not the distribution its name says."""


class MarkerError(S3PyPIError):
    """A marker in the bucket that says nothing which can be understood."""


class AwsError(S3PyPIError):
    """AWS refused a request, or could not be asked."""


class UnavailableError(AwsError):
    """AWS could not be reached, or has no room now; the same request may succeed later."""


class MissingError(AwsError):
    """There is no such object; never said of anything but a missing key."""


class ForbiddenError(AwsError):
    """The credentials are good but do not permit this."""


class ExistsError(AwsError):
    """A conditional write found an object under the key."""


class ConflictError(AwsError):
    """Another write to the same key is under way; the same request may succeed later."""
