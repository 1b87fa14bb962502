"""The command against an emulated AWS."""

import os
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from s3pypi.aws.clients import dynamodb_client, s3_client
from scripts.local.emulator import Emulator

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="session")
def endpoint(emulator: Emulator) -> str:
    """The URL of an emulated AWS."""
    return emulator.url


@pytest.fixture(autouse=True)
def _account(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the AWS configuration at the emulator."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "S3PYPI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def s3() -> Iterator["S3Client"]:
    """Return an S3 client, created as the command creates it."""
    client = s3_client()
    yield client
    client.close()


@pytest.fixture
def dynamodb() -> Iterator["DynamoDBClient"]:
    """Return a DynamoDB client, created as the command creates it."""
    client = dynamodb_client()
    yield client
    client.close()


@pytest.fixture
def bucket_name(s3: "S3Client") -> str:
    """Create an empty bucket, and return its name."""
    name = f"test-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    return name
