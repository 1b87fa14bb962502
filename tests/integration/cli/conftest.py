"""An emulator of AWS, started once for all tests of the command against it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from s3pypi.aws.clients import dynamodb_client, s3_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

SECONDS_TO_START = 30


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Run ministack on a free port of this machine and return its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "ministack"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(process, f"{url}/_ministack/health")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=SECONDS_TO_START)


def _wait_for(process: subprocess.Popen[bytes], health: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with urllib.request.urlopen(health, timeout=1):  # noqa: S310 - always http
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.fixture(autouse=True)
def _account(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point everything that finds its configuration by itself at the emulator."""
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
    """Return a client of S3, made as the command makes it."""
    client = s3_client()
    yield client
    client.close()


@pytest.fixture
def dynamodb() -> Iterator["DynamoDBClient"]:
    """Return a client of DynamoDB, made as the command makes it."""
    client = dynamodb_client()
    yield client
    client.close()


@pytest.fixture
def bucket_name(s3: "S3Client") -> str:
    """Return the name of a new, empty bucket."""
    name = f"test-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    return name
