"""A local deployment with the real zip, and a separate index for each test."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from scripts.local.stack import LocalStack
from tests.factories import Distribution

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "text/html"
SECONDS = 60


@dataclass(frozen=True)
class Index:
    """One index of the deployment, as its users see it.

    Attributes:
        stack: the deployment.
        prefix: of this index; empty for the one at the bucket's root.
        tmp: a directory for this test.
    """

    stack: LocalStack
    prefix: str
    tmp: Path

    @property
    def path(self) -> str:
        """The start of all its keys."""
        return f"{self.prefix}/" if self.prefix else ""

    @property
    def url(self) -> str:
        """The URL for pip's --index-url."""
        return f"{self.stack.edge.url}/{self.path}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the `s3pypi` command."""
        return {**self.stack.environment, "S3PYPI_PREFIX": self.prefix}

    def put(self, directory: str, *distributions: Distribution) -> None:
        """Put files without headers or checksums."""
        for distribution in distributions:
            self.put_object(f"{directory}{distribution.filename}", distribution.content)

    def put_object(self, key: str, body: bytes) -> None:
        """Put an object, such as a marker, without headers or checksums."""
        self.stack.clients.s3.put_object(
            Bucket=self.stack.resources.bucket, Key=self.path + key, Body=body
        )

    def remove(self, key: str) -> None:
        """Remove a file, as `aws s3 rm` does."""
        self.stack.clients.s3.delete_object(Bucket=self.stack.resources.bucket, Key=self.path + key)

    def objects(self) -> list[str]:
        """Return all keys of this index, without its prefix."""
        pages = self.stack.clients.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.stack.resources.bucket, Prefix=self.path
        )
        return [
            item["Key"].removeprefix(self.path)
            for page in pages
            for item in page.get("Contents", [])
        ]

    def get(self, path: str, accept: str = JSON) -> bytes | None:
        """Return the response's content for a path; None for 404."""
        request = urllib.request.Request(self.url + path, headers={"Accept": accept})  # noqa: S310
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                body: bytes = answer.read()
                return body
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404:
                    return None
                raise

    def page(self, project: str) -> dict[str, Any]:
        """Return a project's JSON page; empty if there is none."""
        body = self.get(f"{project}/")
        return json.loads(body) if body else {}

    def files(self, project: str) -> list[str]:
        """Return the files on a project's page."""
        return [file["filename"] for file in self.page(project).get("files", [])]

    def projects(self) -> list[str]:
        """Return the projects on the root page."""
        body = self.get("")
        return [project["name"] for project in json.loads(body)["projects"]] if body else []

    def until(self, look: Callable[[], object], expected: object) -> None:
        """Wait until a function returns the expected value."""
        deadline, pause = time.monotonic() + SECONDS, 0.05
        while (seen := look()) != expected:
            assert time.monotonic() < deadline, f"{seen} is not {expected}"
            time.sleep(pause)
            pause = min(2 * pause, 0.4)  # each look is a request, which takes time from the others

    def pip(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `pip install` with this index alone, regardless of what else is installed."""
        return run(
            [
                *(sys.executable, "-m", "pip", "--isolated", "--no-input", "install", *arguments),
                *("--no-cache-dir", "--index-url", self.url, "--disable-pip-version-check"),
                "--no-warn-conflicts",
            ]
        )

    def uv(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run uv with this index alone."""
        return run(
            [sys.executable, "-m", "uv", *arguments, "--no-cache", "--index-url", self.url],
            isolated(self.tmp),
        )

    def s3pypi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the `s3pypi` command."""
        return run([sys.executable, "-m", "s3pypi", *arguments], self.environment)

    def write(self, *distributions: Distribution) -> list[str]:
        """Write files to disk, for the command to upload."""
        directory = self.tmp / "dist"
        directory.mkdir(exist_ok=True)
        for distribution in distributions:
            (directory / distribution.filename).write_bytes(distribution.content)
        return [str(directory / distribution.filename) for distribution in distributions]


def isolated(home: Path) -> dict[str, str]:
    """Return an environment without this machine's configuration of clients.

    Args:
        home: a directory of the test, for whatever a client keeps in the user's home.
    """
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,  # pip's --isolated would still read the machine's
        "UV_NO_CONFIG": "1",
    }


def run(
    command: list[str], environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command that must succeed."""
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, env=environment, timeout=300
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@contextmanager
def without_events(stack: LocalStack) -> Iterator[None]:
    """Remove the bucket's notifications until the context ends, as before `terraform apply`."""
    s3: Any = stack.clients.s3
    bucket = stack.resources.bucket
    configuration = s3.get_bucket_notification_configuration(Bucket=bucket)
    del configuration["ResponseMetadata"]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    try:
        yield
    finally:
        s3.put_bucket_notification_configuration(
            Bucket=bucket,
            NotificationConfiguration=configuration,
            SkipDestinationValidation=True,  # and send no test events
        )


@pytest.fixture(scope="session")
def stack(function_zip: Path) -> Iterator[LocalStack]:
    """Provide the deployment; no test may leave a message in its dead-letter queue."""
    with LocalStack(zip_path=function_zip, record=True) as stack:
        yield stack
        assert stack.resources.wait_until_idle(SECONDS), stack.resources.function_log()[-20:]
        assert stack.resources.messages(stack.resources.dlq_url) == 0


@pytest.fixture
def index(stack: LocalStack, tmp_path: Path) -> Index:
    """Provide an index that no other test uses."""
    return new_index(stack, tmp_path)


@pytest.fixture(scope="module")
def module_index(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Provide an index that the tests of a module share and do not change."""
    return new_index(stack, tmp_path_factory.mktemp("module"))


def new_index(stack: LocalStack, tmp: Path) -> Index:
    """Return an empty index."""
    return Index(stack, f"index-{uuid4().hex[:8]}", tmp)
