"""Upload, event, page and install with another emulator, moto's server.

One emulator would otherwise decide what all these tests believe. moto runs Lambda functions only in
Docker, so the function's zip runs in Lambda's own runtime here, and this test hands it the messages
of the queue as an event source mapping does. docs/compatibility.md lists where the two differ.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.local import provision
from scripts.local.clients import AWS_ERRORS, Clients
from scripts.local.edge.origin import Origin
from scripts.local.edge.run import running_edge
from scripts.local.emulator import ACCOUNT, CREDENTIALS, REGION
from scripts.local.ports import HOST, usable_port
from scripts.local.resources import HANDLER, Settings
from scripts.local.runtime import Runtime, running_runtime
from tests.e2e.conftest import isolated, run
from tests.factories import Distribution, sdist, wheel

BUCKET = "second-opinion"
SECONDS = 60


@dataclass(frozen=True)
class Line:
    """The deployment on moto.

    Attributes:
        clients: of moto.
        url: its endpoint.
        queue_url: of the queue of events.
        function: the function, with the zip that is shipped.
        edge: the address of the edge.
    """

    clients: Clients
    url: str
    queue_url: str
    function: Runtime
    edge: str

    def deliver(self) -> int:
        """Invoke the function with the queue's messages; return their number."""
        answer = self.clients.sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, AttributeNames=["All"]
        )
        handles = {each["MessageId"]: each["ReceiptHandle"] for each in answer.get("Messages", [])}
        if not handles:
            return 0
        records = [
            {
                "messageId": each["MessageId"],
                "receiptHandle": each["ReceiptHandle"],
                "body": each["Body"],
                "attributes": each["Attributes"],
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{BUCKET}-events",
                "awsRegion": REGION,
            }
            for each in answer["Messages"]
        ]
        result = self.function.invoke({"Records": records})
        assert result == {"batchItemFailures": []}
        for handle in handles.values():
            self.clients.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=handle)
        return len(handles)

    def settle(self) -> None:
        """Deliver messages until the queue is empty."""
        while self.deliver():
            pass

    def s3pypi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the `s3pypi` command."""
        environment = {
            "AWS_ENDPOINT_URL": self.url,
            **CREDENTIALS,
            "AWS_DEFAULT_REGION": REGION,
            "S3PYPI_BUCKET": BUCKET,
        }
        return run([sys.executable, "-m", "s3pypi", *arguments], environment)


@pytest.fixture(scope="module")
def line(function_zip: Path) -> Iterator[Line]:
    """The deployment on moto."""
    port = usable_port(0, "moto's port")
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)],
        env={**os.environ, "MOTO_ACCOUNT_ID": ACCOUNT},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://{HOST}:{port}"
    try:
        with closing(Clients(url)) as clients:
            wait_for(clients)
            settings = Settings(bucket=BUCKET)
            queue_url, dlq_url = provision._create_queues(clients.sqs, settings)
            provision._create_table(clients.dynamodb, f"{BUCKET}-locks")
            provision._create_bucket(clients.s3, BUCKET)
            variables = {
                **CREDENTIALS,
                "AWS_ENDPOINT_URL": url,
                "AWS_DEFAULT_REGION": REGION,
                "S3PYPI_LOCKS_TABLE": f"{BUCKET}-locks",
                "S3PYPI_QUEUE_URL": queue_url,
                "S3PYPI_DLQ_URL": dlq_url,
            }
            with (
                running_runtime(
                    function_zip, HANDLER, environment=variables, timeout=60
                ) as function,
                running_edge(Origin(clients.s3, BUCKET)) as edge,
            ):
                yield Line(clients, url, queue_url, function, edge.url)
    finally:
        process.terminate()
        process.wait()


def wait_for(clients: Clients) -> None:
    """Wait until moto responds."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            clients.s3.list_buckets()
        except AWS_ERRORS:
            assert time.monotonic() < deadline, "moto does not answer"
            time.sleep(0.1)
        else:
            return


def write(directory: Path, *distributions: Distribution) -> list[str]:
    """Write files to disk, for the command to upload."""
    for each in distributions:
        (directory / each.filename).write_bytes(each.content)
    return [str(directory / each.filename) for each in distributions]


def test_upload_event_page_install(line: Line, tmp_path: Path) -> None:
    """Upload with the command and a plain PUT, and install with pip."""
    line.s3pypi("upload", *write(tmp_path, wheel("foo", "1.0"), sdist("foo", "1.0")))
    line.settle()
    dropped = wheel("dropped", "1.0+local")
    line.clients.s3.put_object(Bucket=BUCKET, Key=dropped.filename, Body=dropped.content)
    line.settle()
    target = tmp_path / "site"
    run(
        [
            *(sys.executable, "-m", "pip", "--isolated", "--no-input", "install"),
            *("foo==1.0", "dropped==1.0+local", "--target", str(target)),
            *("--index-url", f"{line.edge}/", "--no-cache-dir", "--disable-pip-version-check"),
        ],
        isolated(tmp_path),
    )
    assert (target / "foo-1.0.dist-info").is_dir()
    assert (target / "dropped-1.0+local.dist-info").is_dir()
    verified = line.function.invoke({"command": "verify", "bucket": BUCKET})
    assert verified["count"] == 0, verified


def test_delete(line: Line, tmp_path: Path) -> None:
    """A project without files is gone, pages and all.

    moto sends no event when an object is removed, so this is also what the daily rebuild is for.
    """
    line.s3pypi("upload", *write(tmp_path, wheel("gone", "1.0")))
    line.settle()
    line.s3pypi("delete", "gone", "1.0")
    line.function.invoke({"command": "rebuild", "bucket": BUCKET})
    line.settle()
    listed = line.clients.s3.list_objects_v2(Bucket=BUCKET, Prefix="gone/")
    assert listed.get("KeyCount", 0) == 0
