"""The deployment to check: clients of AWS, and requests to CloudFront."""

import http.client
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
from botocore.exceptions import ClientError  # noqa: TID251 - there is no adapter here

from scripts.smoke.stack import Stack

_POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Answer:
    """A response from the edge.

    Attributes:
        status: The HTTP status.
        headers: The headers, with names in lower case.
        body: The body, which may be compressed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class World:
    """The deployment and a scratch prefix in it.

    Attributes:
        stack: Terraform's outputs.
        endpoint: The URL of an emulator, or None for AWS.
        edge: The URL of the distribution or its emulation, without a slash at the end.
        uploads: How many uploads to time.
        patience: The timeout for anything that should happen, in seconds.
        login: A reader's user and password as `USER:PASSWORD`, or None.
        terraform: The directory in which Terraform was run.
        prefix: The prefix of the scratch index, which is removed at the end.
    """

    stack: Stack
    endpoint: str | None
    edge: str
    uploads: int = 20
    patience: float = 120
    login: str | None = None
    terraform: Path = Path("terraform")
    prefix: str = field(default_factory=lambda: f"s3pypi-smoke-{uuid4().hex[:8]}")

    @property
    def is_emulated(self) -> bool:
        """Whether AWS is emulated."""
        return self.endpoint is not None

    def client(self, service: Any, region: str | None = None, **credentials: Any) -> Any:
        """Return a client of an AWS service, by default with the caller's credentials."""
        region = region or self.stack.region
        return boto3.client(service, region_name=region, endpoint_url=self.endpoint, **credentials)

    @cached_property
    def s3(self) -> Any:
        """A client of S3."""
        return self.client("s3")

    @cached_property
    def as_function(self) -> tuple[Any, str]:
        """Return a client of S3 and a text about its credentials.

        They are those of the function's role if the caller may assume it.
        """
        name = self.stack.function_name
        role = self.client("lambda").get_function_configuration(FunctionName=name)["Role"]
        try:
            given = self.client("sts").assume_role(RoleArn=role, RoleSessionName=self.prefix)
        except ClientError:
            return self.s3, "with your credentials"
        credentials = {
            "aws_access_key_id": given["Credentials"]["AccessKeyId"],
            "aws_secret_access_key": given["Credentials"]["SecretAccessKey"],
            "aws_session_token": given["Credentials"]["SessionToken"],
        }
        return self.client("s3", **credentials), "with the function's role"

    def put(self, key: str, body: bytes, **arguments: Any) -> Any:
        """Put an object into the scratch index."""
        return self.s3.put_object(
            Bucket=self.stack.bucket, Key=f"{self.prefix}/{key}", Body=body, **arguments
        )

    def get(self, path: str, **headers: str) -> Answer:
        """Request a path of the scratch index from the edge. The path must be escaped."""
        return self.ask(f"/{self.prefix}/{path}", **headers)

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Request a path from the edge. The path must be escaped."""
        address = urlsplit(self.edge)
        kind = (
            http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        )
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.login is not None:
            encoded = b64encode(self.login.encode()).decode()
            given.setdefault("Authorization", f"Basic {encoded}")
        with closing(kind(address.hostname or "", address.port, timeout=30)) as connection:
            connection.request(method, path, headers=given)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())

    def until(self, look: Callable[[], bool], what: str, seconds: float | None = None) -> float:
        """Wait until a condition is met.

        Args:
            look: Returns whether the condition is met.
            what: The condition, for the message.
            seconds: The timeout; None for `patience`.

        Returns:
            How many seconds that took.

        Raises:
            TimeoutError: The condition is not met in time.
        """
        started = time.monotonic()
        limit = self.patience if seconds is None else seconds
        while not look():
            if time.monotonic() - started > limit:
                raise TimeoutError(f"not within {limit:.0f} s: {what}")
            time.sleep(_POLL_SECONDS)
        return time.monotonic() - started

    def clean_up(self) -> int:
        """Delete all versions in the scratch index, and return how many there were."""
        removed = 0
        # Files first: the function then deletes their pages, which creates more versions.
        for suffixes in ((".whl", ".tar.gz"), ("",)):
            pages = self.s3.get_paginator("list_object_versions").paginate(
                Bucket=self.stack.bucket, Prefix=f"{self.prefix}/"
            )
            for page in pages:
                for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                    if each["Key"].endswith(suffixes):
                        self.s3.delete_object(
                            Bucket=self.stack.bucket, Key=each["Key"], VersionId=each["VersionId"]
                        )
                        removed += 1
            if suffixes != ("",):
                self._wait_for_generated_objects_to_go()
        return removed

    def _wait_for_generated_objects_to_go(self) -> None:
        def gone() -> bool:
            found = self.s3.list_objects_v2(Bucket=self.stack.bucket, Prefix=f"{self.prefix}/")
            keys = [each["Key"] for each in found.get("Contents", [])]
            suffixes = ("/", "/index.html", "/index.json", ".metadata")
            return not any(key.count("/") > 1 for key in keys if key.endswith(suffixes))

        try:
            self.until(gone, "the function removes what it has generated", 30)
        except TimeoutError:
            return  # the caller deletes them
