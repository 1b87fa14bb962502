"""The function's handler with the real adapters, in this process: results and requests."""

import hashlib
import json
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.awsrequest import AWSResponse

from lambda_indexer.aws.dynamodb import DynamoDBLockTable
from lambda_indexer.service import Service
from lambda_indexer.settings import Settings
from scripts.local.clients import Clients
from scripts.local.emulator import CREDENTIALS, REGION, Emulator
from tests.factories import wheel
from tests.fakes import checksum

NEW = "foo/foo-2.0-py3-none-any.whl"


class Context:
    """The context of an invocation with one minute left."""

    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Function:
    """The handler with its bucket and table, and the number of its requests."""

    def __init__(self, clients: Clients, service: Service, bucket: str) -> None:
        self.clients, self.service, self.bucket = clients, service, bucket
        self.calls: Counter[str] = Counter()
        self.bytes_read = 0
        self.answer: Callable[[str, str], int | None] = lambda _operation, _url: None
        locks = [service.locks._dynamodb] if isinstance(service.locks, DynamoDBLockTable) else []
        for client in (service.storage._s3, *locks, service.messages._sqs):
            events: Any = client.meta.events
            events.register("before-send.*", self._sent)
        reads: Any = service.storage._s3.meta.events
        reads.register("after-call.s3.GetObject", self._read)

    def _read(self, parsed: Any, **_: Any) -> None:
        self.bytes_read += parsed.get("ContentLength", 0)

    def _sent(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        self.calls[operation] += 1
        status = self.answer(operation, request.url)
        if status is None:
            return None

        class Body:
            def stream(self) -> Iterator[bytes]:
                yield b"<Error><Code>Refused</Code></Error>"

        return AWSResponse(request.url, status, {}, Body())  # type: ignore[arg-type]

    def put(self, key: str, content: bytes) -> None:
        """Put an object as a client does."""
        self.clients.s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def invoke(self, *keys: str) -> list[str]:
        """Invoke the function with a message for each key, and return the failed messages."""
        records = [
            {
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:000000000000:{self.bucket}",
                "messageId": key,
                "receiptHandle": key,
                "attributes": {"ApproximateReceiveCount": "1"},
                "body": json.dumps(
                    {
                        "Records": [
                            {
                                "eventSource": "aws:s3",
                                "s3": {"bucket": {"name": self.bucket}, "object": {"key": key}},
                            }
                        ]
                    }
                ),
            }
            for key in keys
        ]
        answer = self.service.handle({"Records": records}, Context())
        assert answer is not None
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def bodies(self) -> dict[str, bytes]:
        """Return every object in the bucket."""
        pages = self.clients.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return {
            key: self.clients.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            for key in keys
        }


@pytest.fixture
def function(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Function]:
    """Provide a function with an empty bucket and table, and optional settings."""
    for name, value in {
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_DEFAULT_REGION": REGION,
    }.items():
        monkeypatch.setenv(name, value)
    clients = Clients(emulator.url)
    bucket = f"bucket-{uuid4()}"
    clients.s3.create_bucket(Bucket=bucket)
    clients.dynamodb.create_table(
        TableName=bucket,
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    settings = getattr(request, "param", None) or Settings(locks_table=bucket)
    # The command in this process has a logger named s3pypi.
    service = Service.start(replace(settings, service=bucket))
    yield Function(clients, service, bucket)
    service.close()
    clients.close()


@pytest.mark.parametrize("function", [Settings(single_instance=True)], indirect=True)
def test_a_single_instance_works_without_a_table(function: Function) -> None:
    """It makes no requests to DynamoDB."""
    keys = [f"{name}/{name}-1.0-py3-none-any.whl" for name in ("foo", "bar")]
    for key in keys:
        function.put(key, wheel(key.partition("/")[0], "1.0").content)
    assert function.invoke(*keys) == []
    root = json.loads(function.bodies()["index.json"])
    assert [project["name"] for project in root["projects"]] == ["bar", "foo"]
    function.clients.s3.delete_object(Bucket=function.bucket, Key=keys[0])
    assert function.invoke(keys[0]) == []
    assert sorted(function.bodies()) == [
        *("bar/", keys[1], f"{keys[1]}.metadata", "bar/index.json"),
        *("index.html", "index.json"),
    ]


@pytest.mark.parametrize(
    "function",
    [Settings(single_instance=True, put_args={"StorageClass": "STANDARD_IA", "Tagging": "a=b"})],
    indirect=True,
)
def test_pages_are_put_with_the_arguments_of_the_deployment(function: Function) -> None:
    """This also applies to metadata files, but not to distributions."""
    function.put(NEW, wheel("foo", "2.0").content)
    assert function.invoke(NEW) == []
    listed = function.clients.s3.list_objects_v2(Bucket=function.bucket)["Contents"]
    classes = {item["Key"]: item.get("StorageClass", "STANDARD") for item in listed}
    assert classes.pop(NEW) == "STANDARD"
    assert len(classes) == 5
    assert set(classes.values()) == {"STANDARD_IA"}


def test_one_new_wheel_in_an_existing_project_costs_eight_calls(function: Function) -> None:
    """2 DynamoDB writes, 1 LIST, 2 GET, 3 PUT, including retries."""
    function.put("foo/foo-1.0-py3-none-any.whl", wheel("foo", "1.0").content)
    assert function.invoke("foo/foo-1.0-py3-none-any.whl") == []
    function.calls.clear()
    function.put(NEW, wheel("foo", "2.0").content)
    assert function.invoke(NEW) == []
    assert function.calls == {
        "UpdateItem": 2,
        "ListObjectsV2": 1,
        "GetObject": 2,
        "PutObject": 3,
    }


def test_listing_is_all_that_grows_with_the_number_of_files(function: Function) -> None:
    """A project of 1,200 objects costs two LIST more: one for each thousand, the first again."""
    function.put("foo/foo-1.0-py3-none-any.whl", wheel("foo", "1.0").content)
    for number in range(1200):
        function.put(f"foo/note-{number}.txt", b"")
    function.invoke("foo/foo-1.0-py3-none-any.whl")
    function.calls.clear()
    function.put(NEW, wheel("foo", "2.0").content)
    function.invoke(NEW)
    assert function.calls == {
        "UpdateItem": 2,
        "ListObjectsV2": 3,
        "GetObject": 2,
        "PutObject": 3,
    }


@pytest.mark.parametrize("status", [403, 404, 503])
@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject"])
def test_a_refused_or_throttled_read_writes_nothing(
    function: Function, operation: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message fails, and the bucket does not change."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)  # the client's own retries
    function.put("foo/foo-1.0-py3-none-any.whl", wheel("foo", "1.0").content)
    function.invoke("foo/foo-1.0-py3-none-any.whl")
    function.put(NEW, wheel("foo", "2.0").content)
    before = function.bodies()
    function.answer = lambda name, _url: status if name == operation else None
    assert function.invoke(NEW) == [NEW]
    assert function.bodies() == before
    function.answer = lambda _name, _url: None
    assert function.invoke(NEW) == []
    assert len(json.loads(function.bodies()["foo/index.json"])["files"]) == 2


@pytest.mark.parametrize("status", [400, 403, 500])
def test_without_the_lock_table_nothing_is_read_or_written(
    function: Function, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locking is never disabled implicitly."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    function.put(NEW, wheel("foo", "2.0").content)
    before = function.bodies()
    function.answer = lambda name, _url: status if name == "UpdateItem" else None
    assert function.invoke(NEW) == [NEW]
    assert function.bodies() == before
    assert set(function.calls) <= {"UpdateItem", "GetQueueUrl", "ChangeMessageVisibility"}


def test_an_event_that_did_not_come_from_a_queue_is_tried_again_by_lambda(
    function: Function,
) -> None:
    """Its failure is raised, so that Lambda retries it."""
    event = {
        "Records": [
            {
                "eventSource": "aws:s3",
                "s3": {"bucket": {"name": "no-such-bucket"}, "object": {"key": NEW}},
            }
        ]
    }
    with pytest.raises(Exception, match="NoSuchBucket"):
        function.service.handle(event, Context())


LARGE = 128 << 20


@pytest.mark.parametrize("how", ["put", "put with checksum", "s3pypi"])
def test_a_large_wheel_takes_bounded_memory(
    function: Function, how: str, tmp_path: Path, emulator: Emulator
) -> None:
    """128 MiB need less than 64, and with S3's digest less than 32: only the end is read.

    It has the digest of what `s3pypi upload` has sent.
    """
    foo = wheel("foo", "2.0", filler=bytes(LARGE))
    if how == "s3pypi":
        path = tmp_path / foo.filename
        path.write_bytes(foo.content)
        options = ["--bucket", function.bucket, "--s3-endpoint-url", emulator.url]
        subprocess.run(  # noqa: S603
            [sys.executable, "-m", "s3pypi", "upload", str(path), *options],
            check=True,
            capture_output=True,
        )
    else:
        extra = {"ChecksumSHA256": checksum(foo.content)} if "checksum" in how else {}
        s3: Any = function.clients.s3
        s3.put_object(Bucket=function.bucket, Key=NEW, Body=foo.content, **extra)
    function.calls.clear()
    tracemalloc.start()
    try:
        assert function.invoke(NEW) == []
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < (64 if how == "put" else 32) << 20
    page = json.loads(
        function.clients.s3.get_object(Bucket=function.bucket, Key="foo/index.json")["Body"].read()
    )
    [file] = page["files"]
    assert file["size"] == len(foo.content)
    assert file["hashes"]["sha256"] == hashlib.sha256(foo.content).hexdigest()
    assert file["core-metadata"]["sha256"] == hashlib.sha256(foo.metadata).hexdigest()
    assert (function.bytes_read < 1 << 20) == (how != "put")
