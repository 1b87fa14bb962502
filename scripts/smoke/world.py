"""The deployment that is checked: its names, clients of AWS, and its readers' view."""

import http.client
import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
from botocore.exceptions import ClientError  # noqa: TID251 - this is the edge

_POLL_SECONDS = 0.25


class StackError(Exception):
    """The file is not what `terraform output -json` prints; the message says what is missing."""


@dataclass(frozen=True)
class Stack:
    """The outputs of the deployment.

    Attributes:
        bucket: its name.
        function_name: of the function that writes pages.
        queue_url: of the queue of events.
        dlq_arn: of the dead-letter queue.
        distribution_id: of CloudFront's distribution.
        index_url: of the index at the bucket's root.
        policy_documents: the managed policies, as JSON, by name.
        basic_auth_function: the function that checks passwords; None without.
    """

    bucket: str
    function_name: str
    queue_url: str
    dlq_arn: str
    distribution_id: str
    index_url: str
    policy_documents: Mapping[str, str] = field(default_factory=dict)
    basic_auth_function: str | None = None

    @property
    def region(self) -> str:
        """The region of the bucket and the function."""
        return self.dlq_arn.split(":")[3]

    @property
    def domain(self) -> str:
        """The index's domain."""
        return urlsplit(self.index_url).hostname or ""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the outputs.

        Args:
            path: of a file with what `terraform output -json` prints.

        Raises:
            StackError: it cannot be read, or is something else.
        """
        try:
            said = json.loads(path.read_text())
            values = {name: each["value"] for name, each in said.items()}
            return cls(**{name: values[name] for name in cls._names() if name in values})
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise StackError(
                f"{path} is not the output of `terraform output -json` ({error}). Create it with:"
                " cd terraform && terraform output -json > ../terraform-outputs.json"
            ) from error

    @classmethod
    def _names(cls) -> tuple[str, ...]:
        return tuple(cls.__dataclass_fields__)


@dataclass(frozen=True)
class Answer:
    """What a reader gets.

    Attributes:
        status: of HTTP.
        headers: by their names in lower case.
        body: as it came.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class World:
    """The deployment and a scratch prefix in it.

    Attributes:
        stack: its outputs.
        endpoint: of an emulated AWS; None for the real one.
        edge: the address of the distribution or of what stands for it, without a slash at its end.
        uploads: how many uploads are timed.
        patience: seconds to wait for anything that should happen.
        login: the user and password for readers, with a colon between them; None for none.
        terraform: the directory in which Terraform was run.
        prefix: the scratch index, removed at the end.
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
        """Whether this is not the real AWS."""
        return self.endpoint is not None

    def client(self, service: Any, region: str | None = None, **credentials: Any) -> Any:
        """A client of an AWS service, with the caller's credentials if none are given."""
        region = region or self.stack.region
        return boto3.client(service, region_name=region, endpoint_url=self.endpoint, **credentials)

    @cached_property
    def s3(self) -> Any:
        """S3's client."""
        return self.client("s3")

    @cached_property
    def as_function(self) -> tuple[Any, str]:
        """S3's client, with the function's role if the caller may assume it; and with whose."""
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
        """Put an object into the scratch index, as plainly as can be."""
        return self.s3.put_object(
            Bucket=self.stack.bucket, Key=f"{self.prefix}/{key}", Body=body, **arguments
        )

    def get(self, path: str, **headers: str) -> Answer:
        """Ask the edge for a path of the scratch index; the path is sent as it is."""
        return self.ask(f"/{self.prefix}/{path}", **headers)

    def ask(self, path: str, **headers: str) -> Answer:
        """Ask the edge for a path, which is sent as it is."""
        address = urlsplit(self.edge)
        kind = (
            http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        )
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.login is not None:
            encoded = b64encode(self.login.encode()).decode()
            given.setdefault("Authorization", f"Basic {encoded}")
        with closing(kind(address.hostname or "", address.port, timeout=30)) as connection:
            connection.request("GET", path, headers=given)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())

    def until(self, look: Callable[[], bool], what: str, seconds: float | None = None) -> float:
        """Wait until something has happened.

        Args:
            look: whether it has.
            what: should happen, for the message.
            seconds: how long at most; None for `patience`.

        Returns:
            The seconds it took.

        Raises:
            TimeoutError: it has not happened.
        """
        started = time.monotonic()
        limit = self.patience if seconds is None else seconds
        while not look():
            if time.monotonic() - started > limit:
                raise TimeoutError(f"not within {limit:.0f} s: {what}")
            time.sleep(_POLL_SECONDS)
        return time.monotonic() - started

    def clean_up(self) -> int:
        """Remove the scratch index, every version of it; how many objects that were."""
        removed = 0
        # The function removes pages when their files are gone, so there is more to find later.
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
                self._wait_for_the_pages_to_go()
        return removed

    def _wait_for_the_pages_to_go(self) -> None:
        def gone() -> bool:
            found = self.s3.list_objects_v2(Bucket=self.stack.bucket, Prefix=f"{self.prefix}/")
            keys = [each["Key"] for each in found.get("Contents", [])]
            return not any(key.count("/") > 1 for key in keys)

        try:
            self.until(gone, "the function removes the scratch index's pages", 30)
        except TimeoutError:
            return  # they are removed below
