"""The bucket as an edge server's origin: objects with their headers, and three kinds of failure."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError  # noqa: TID251 - this is an adapter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK = 64 * 1024
# A key that is too long for S3 is of no object.
_ABSENT = {"NoSuchKey", "404", "KeyTooLongError"}
# Busy, or changed between the look at it and the read.
_PASSING = {"SlowDown", "ServiceUnavailable", "503", "PreconditionFailed"}


class AbsentError(Exception):
    """There is no such object."""


class OriginError(Exception):
    """The origin cannot be read; the message says why.

    Attributes:
        status: What S3 answered; None when it did not answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class BusyError(OriginError):
    """The origin could not be read now; another try may do."""


@dataclass(frozen=True, slots=True)
class Content:
    """An object's bytes on their way.

    Attributes:
        headers: S3's headers, by their names in lower case.
        chunks: The bytes, in constant memory. Raises `OriginError` when they end too early.
    """

    headers: Mapping[str, str]
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Origin:
    """A bucket to read from.

    Attributes:
        s3: boto3's client.
        bucket: The bucket's name.
    """

    s3: "S3Client"
    bucket: str

    def head(self, key: str) -> Mapping[str, str]:
        """Look at an object.

        Args:
            key: The object's key.

        Returns:
            S3's headers, by their names in lower case.

        Raises:
            AbsentError: There is no such object.
            OriginError: The bucket cannot be read.
        """
        with _translated(key):
            answer = self.s3.head_object(Bucket=self.bucket, Key=key)
        return answer["ResponseMetadata"]["HTTPHeaders"]

    @contextlib.contextmanager
    def get(self, key: str, part: tuple[int, int, str] | None = None) -> Iterator[Content]:
        """Read an object, or a part of it.

        Args:
            key: The object's key.
            part: First and last byte, and the entity tag of the version that is meant.

        Yields:
            The bytes and their headers.

        Raises:
            AbsentError: There is no such object.
            OriginError: The bucket cannot be read, or the object is another version by now.
        """
        with _translated(key):
            if part is None:
                answer = self.s3.get_object(Bucket=self.bucket, Key=key)
            else:
                first, last, etag = part
                answer = self.s3.get_object(
                    Bucket=self.bucket, Key=key, Range=f"bytes={first}-{last}", IfMatch=etag
                )
        with contextlib.closing(answer["Body"]) as body:
            headers = answer["ResponseMetadata"]["HTTPHeaders"]
            yield Content(headers, _checked(key, body.iter_chunks(_CHUNK)))


def _checked(key: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    with _translated(key):
        yield from chunks


@contextlib.contextmanager
def _translated(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _ABSENT:
            raise AbsentError(key) from error
        kind = BusyError if code in _PASSING else OriginError
        raise kind(str(error), error.response["ResponseMetadata"]["HTTPStatusCode"]) from error
    except BotoCoreError as error:
        raise OriginError(str(error)) from error
