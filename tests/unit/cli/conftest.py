"""Unit tests of the command have no credentials, configuration or network."""

import functools
import logging
import os
from collections.abc import Iterator

import botocore.loaders
import botocore.session
import pytest

from s3pypi.aws import bucket as s3
from s3pypi.aws import clients
from tests.unit.cli.fakes import FakeBucket


@pytest.fixture(autouse=True, scope="session")
def _models_read_once() -> Iterator[None]:
    """Share the loader of AWS's models among clients, which saves most of the tests' time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            botocore.session, "create_loader", functools.cache(botocore.loaders.create_loader)
        )
        yield


@pytest.fixture(autouse=True)
def _nothing_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the developer's environment."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "S3PYPI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("XDG_CONFIG_HOME", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the handlers that functions of other tests have added to loggers of this name."""
    monkeypatch.setattr(logging.getLogger("s3pypi"), "handlers", [])


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeBucket:
    """Replace the adapter of S3 by a bucket in memory."""
    fake = FakeBucket()
    monkeypatch.setattr(s3, "S3Bucket", lambda *_: fake)
    monkeypatch.setattr(clients, "s3_client", lambda **_: None)  # takes long to make
    return fake
