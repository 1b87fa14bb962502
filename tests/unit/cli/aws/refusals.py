"""A bucket that refuses all requests."""

from s3pypi.aws.bucket import S3Bucket
from s3pypi.aws.clients import s3_client
from tests.unit.cli.factories import Answers


def refusing(code: str, status: int = 400, message: str = "said S3") -> S3Bucket:
    """Return a bucket whose requests all fail with a code."""
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    client = s3_client()
    Answers(client, lambda _request: (status, {}, body))
    return S3Bucket(client, "bucket")
