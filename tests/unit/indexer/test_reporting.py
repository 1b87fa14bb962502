"""Log lines and metrics of the function."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics

from lambda_indexer.errors import StorageError
from lambda_indexer.events import batch
from lambda_indexer.events.messages import Message, ObjectEvent
from lambda_indexer.events.reporting import Reporter
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World


class Said:
    """A reporter with its log lines and metrics."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self._metrics = EphemeralMetrics(namespace="s3pypi", service="s3pypi")
        logger = Logger(service=str(uuid4()), stream=self._stream)
        self._reporter = Reporter(logger, self._metrics)

    def index(self, world: World, *keys: str, time: datetime | None = None) -> None:
        """Invoke the indexer with an event for each key, and report the results."""
        messages = [
            Message((ObjectEvent(BUCKET, key, time, "AWS:someone", etag="e"),), id=key)
            for key in keys
        ]
        for result in batch.process(messages, world.indexer, map):
            self._reporter.report(result)

    def command(self, event: dict[str, Any], answer: dict[str, Any]) -> None:
        """Report a command."""
        self._reporter.command(event, answer)

    def lines(self, message: str) -> list[dict[str, Any]]:
        """Return the lines of a kind."""
        lines = [json.loads(line) for line in self._stream.getvalue().splitlines()]
        return [line for line in lines if line["message"] == message]

    def metrics(self) -> dict[str, float]:
        """Return the sums of the metrics."""
        return {name: sum(metric["Value"]) for name, metric in self._metrics.metric_set.items()}


@pytest.fixture
def said() -> Said:
    """Provide a reporter without any lines."""
    return Said()


def test_a_line_for_each_project(world: World, said: Said) -> None:
    """A line has counts, the duration, the age of the oldest event, and its principals."""
    keys = [world.put("foo/", wheel("foo", version)) for version in ("1.0", "2.0")]
    said.index(world, *keys, world.put("bar/", wheel("bar")), time=datetime.now(UTC) - timedelta(5))
    lines = {line["project"]: line for line in said.lines("regenerated")}
    foo = lines["bucket/foo"]
    assert (foo["files"], foo["indexed"], foo["events"], foo["pages_written"]) == (2, 2, 2, 2)
    assert foo["principals"] == ["AWS:someone"]
    assert foo["oldest_event_seconds"] == pytest.approx(5 * 86400, abs=60)
    assert foo["seconds"] >= 0
    assert [(line["file"], line["principal"], line["etag"]) for line in said.lines("uploaded")] == [
        (key.rpartition("/")[2], "AWS:someone", "e")
        for key in (*keys, "bar/bar-1.0-py3-none-any.whl")
    ]
    assert set(lines) == {"bucket/foo", "bucket/bar"}
    metrics = said.metrics()
    assert metrics.pop("EventToPage") == pytest.approx(2 * 5 * 86400, abs=120)
    assert metrics == {"ProjectsRegenerated": 2, "FilesIndexed": 3}


def test_an_overwritten_file_is_logged_and_counted_as_that(world: World, said: Said) -> None:
    """An overwritten file is logged and counted."""
    key = world.add("foo/", wheel())
    world.put("foo/", wheel("foo", "1.0", "Summary: new"))
    said.index(world, key)
    [line] = said.lines("overwritten")
    assert line["file"] == "foo-1.0-py3-none-any.whl"
    assert line["level"] == "WARNING"
    assert said.metrics()["FilesOverwritten"] == 1


def test_a_removed_file_is_counted(world: World, said: Said) -> None:
    """A removed file is counted, even if it was the last one."""
    key = world.add("foo/", wheel())
    world.storage.remove(BUCKET, key)
    said.index(world, key)
    assert said.lines("regenerated")[0]["removed"] == 1
    assert said.metrics()["FilesRemoved"] == 1


def test_a_quarantined_file_is_logged_once_with_its_reason(world: World, said: Said) -> None:
    """The next event of its project does not log it again."""
    key = world.put("foo/foo-1.0.zip", b"junk")
    said.index(world, key)
    said.index(world, key)
    [line] = said.lines("quarantined")
    assert line["file"] == "foo-1.0.zip"
    assert "not a readable zip archive" in line["reason"]
    assert said.metrics()["FilesQuarantined"] == 1


def test_a_requires_python_that_cannot_be_read_is_reported(world: World, said: Said) -> None:
    """An invalid Requires-Python is omitted from the page, and the file is listed."""
    said.index(world, world.put("foo/", wheel("foo", "1.0", "Requires-Python: >=3.8.*")))
    assert world.filenames("foo/") == ["foo-1.0-py3-none-any.whl"]
    [line] = said.lines("notice")
    assert line["reason"] == (
        "foo-1.0-py3-none-any.whl: pip cannot read its Requires-Python '>=3.8.*'; it is left out"
    )


def test_filing_is_logged_and_counted(world: World, said: Said) -> None:
    """Moved and remaining misplaced files are logged and counted."""
    said.index(world, world.put("", wheel("foo")), world.put("junk-1.0-0.zip", b""))
    assert said.lines("moved")[0]["to"] == "foo/"
    assert "its project cannot be determined" in said.lines("not moved")[0]["reason"]
    metrics = said.metrics()
    assert (metrics["FilesFiled"], metrics["FilesNotFiled"]) == (1, 1)


def test_a_failure_is_logged_with_its_cause(world: World, said: Said) -> None:
    """The line of a failure has the message of AWS."""
    key = world.put("foo/", wheel())

    def refuse(*_: object) -> None:
        raise StorageError("S3 returned SlowDown")

    world.storage.before = refuse
    said.index(world, key)
    [line] = said.lines("failed, will be retried")
    assert line["target"] == "bucket/foo"
    assert "SlowDown" in line["exception"]
    assert said.metrics() == {"ProjectsFailed": 1}


def test_a_place_taken_by_a_project_is_reported(world: World, said: Said) -> None:
    """An index that cannot have a root page is reported."""
    world.add("abc/", wheel("abc"))
    said.index(world, world.put("abc/foo/", wheel("foo")))
    assert "is a project of the index above it" in said.lines("root page")[0]["reason"]
    assert said.metrics()["RootPageConflicts"] == 1


def test_covered_events_and_conflicts_are_counted(world: World, said: Said) -> None:
    """Covered events and conflicts are metrics."""
    key = world.put("foo/", wheel())
    interfered: list[str] = []

    def interfere(operation: str, name: str) -> None:
        if (operation, name) == ("PUT", "foo/index.json") and not interfered:
            interfered.append(name)
            world.storage.upload(BUCKET, name, b"{}")

    world.storage.before = interfere
    said.index(world, key)
    assert said.metrics()["Conflicts"] == 1
    now = world.clock()
    run = world.table.acquire("bucket/foo", "another", now, now + 30, None).run or 0

    def two_runs(_seconds: float) -> None:
        world.clock.sleep(1)
        world.table.release("bucket/foo", "another", run, None, frozenset())
        world.table.acquire("bucket/foo", "third", now, now + 30, None)
        world.table.release("bucket/foo", "third", run + 1, None, frozenset())

    world.sleep = two_runs
    said.index(world, key)
    assert said.lines("covered by a later run")[0]["project"] == "bucket/foo"
    assert said.metrics()["RunsCovered"] == 1


def test_a_run_that_is_out_of_time_tells_what_it_did(world: World, said: Said) -> None:
    """A run out of time reports its changes, which the next run does not repeat."""
    key = world.put("foo/foo-9.0-py3-none-any.whl", b"junk")
    for version in ("1.0", "2.0", "3.0"):
        world.put("foo/", wheel("foo", version))

    def slow(operation: str, read: str) -> None:
        if operation == "GET" and read.endswith(".whl"):
            world.clock.sleep(10)

    world.storage.before = slow
    world.remaining = 30
    said.index(world, key)
    [line] = said.lines("out of time")
    assert line["reason"].startswith("2 files of bucket/foo are still to be read")
    assert [line["file"] for line in said.lines("quarantined")] == ["foo-9.0-py3-none-any.whl"]
    metrics = said.metrics()
    assert (metrics["FilesIndexed"], metrics["FilesQuarantined"]) == (2, 1)
    assert "ProjectsFailed" not in metrics


def test_a_check_of_names(said: Said) -> None:
    """Each taken or unknown name has a line, and both counts are metrics, even zero."""
    states = {"free": 3, "taken": 1, "mirrored": 0, "acknowledged": 0, "unknown": 0}
    answer = {"names": 4, "states": states, "taken": ["taken: foo (versions 9)"], "unknown": []}
    said.command({"command": "check_names", "acknowledged": ["a", "b"]}, answer)
    assert [line["found"] for line in said.lines("name taken")] == ["taken: foo (versions 9)"]
    assert said.metrics() == {"NamesTaken": 1, "NamesUnknown": 0}
    [line] = said.lines("command")
    assert line["request"] == {"command": "check_names", "acknowledged": 2}
    assert line["response"] == {"names": 4, "states": states, "taken": 1, "unknown": 0}


def test_an_answer_of_many_names_is_logged_as_their_number(said: Said) -> None:
    """Long lists are logged as their length, because CloudWatch limits lines to a megabyte."""
    said.command({"command": "names"}, {"names": ["foo"] * 100_000})
    assert said.lines("command")[0]["response"] == {"names": 100_000}
    assert said.metrics() == {}
