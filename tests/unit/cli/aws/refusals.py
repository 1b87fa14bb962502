"""A bucket that refuses all requests."""

from functools import cache
from typing import TYPE_CHECKING

from s3pypi.aws.bucket import S3Bucket
from s3pypi.aws.clients import s3_client
from tests.unit.cli.factories import Answers

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@cache
def shared_client() -> "S3Client":
    """Return a client for tests that do not depend on its settings; each sets its answers."""
    return s3_client()


def refusing(code: str, status: int = 400, message: str = "said S3") -> S3Bucket:
    """Return a bucket whose requests all fail with a code."""
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    client = shared_client()
    Answers(client, lambda _request: (status, {}, body))
    return S3Bucket(client, "bucket")
