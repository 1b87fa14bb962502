"""The bucket as the origin of the edge server: objects with their headers, and failures."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError  # noqa: TID251 - this is an adapter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK = 64 * 1024
# No object can have a key that is too long.
_ABSENT = {"NoSuchKey", "404", "KeyTooLongError"}
# S3 is busy, or the object changed between the HEAD and the GET.
_PASSING = {"SlowDown", "ServiceUnavailable", "503", "PreconditionFailed"}


class AbsentError(Exception):
    """There is no such object."""


class OriginError(Exception):
    """The origin cannot be read.

    Attributes:
        status: The status of S3's response; None if there was no response.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class BusyError(OriginError):
    """The origin could not be read, but a retry may succeed."""


@dataclass(frozen=True, slots=True)
class Content:
    """The content of an object as a stream.

    Attributes:
        headers: S3's headers, by name in lower case.
        chunks: The chunks of the content. The iterator raises `OriginError` if they end too early.
    """

    headers: Mapping[str, str]
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Origin:
    """A bucket as an origin.

    Attributes:
        s3: The S3 client.
        bucket: The bucket's name.
    """

    s3: "S3Client"
    bucket: str

    def head(self, key: str) -> Mapping[str, str]:
        """Return the headers of an object.

        Args:
            key: The object's key.

        Returns:
            S3's headers, by name in lower case.

        Raises:
            AbsentError: The object does not exist.
            OriginError: The bucket cannot be read.
        """
        with _translated(key):
            answer = self.s3.head_object(Bucket=self.bucket, Key=key)
        return answer["ResponseMetadata"]["HTTPHeaders"]

    @contextlib.contextmanager
    def get(self, key: str, part: tuple[int, int, str] | None = None) -> Iterator[Content]:
        """Read an object or a range of it.

        Args:
            key: The object's key.
            part: The first and the last byte, and the ETag of the version.

        Yields:
            The content.

        Raises:
            AbsentError: The object does not exist.
            OriginError: The bucket cannot be read, or the object has changed.
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
