"""A bucket, a lock table and an indexer in memory."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from lambda_indexer.events import batch
from lambda_indexer.events.commands import Commands
from lambda_indexer.events.messages import Message, ObjectEvent
from lambda_indexer.events.parsing import parse
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.prefetch import Submit, call_now
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.locks.lease import Leases
from lambda_indexer.survey.surveyor import Surveyor
from s3pypi.distributions.filenames import is_distribution
from tests.factories import Distribution
from tests.fakes import Clock, MemoryCdn, MemoryLockTable, MemoryQueue, MemoryStorage

BUCKET = "bucket"


@dataclass
class World:
    """A bucket, a lock table and an indexer, and the results of its last invocation."""

    storage: MemoryStorage = field(default_factory=MemoryStorage)
    table: MemoryLockTable = field(default_factory=MemoryLockTable)
    clock: Clock = field(default_factory=Clock)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    cdn: MemoryCdn = field(default_factory=MemoryCdn)
    index_html: bool = False
    keep_names: bool = False
    prefixes: frozenset[str] = frozenset()
    remaining: float = 60
    sleep: Callable[[float], None] | None = None
    submit: Submit = call_now

    @property
    def indexer(self) -> Indexer:
        """Return the indexer of a new invocation."""
        deadline = self.clock() + self.remaining
        return Indexer(
            self.storage,
            Leases(
                self.table,
                lambda: deadline - self.clock(),
                clock=self.clock,
                sleep=self.sleep or self.clock.sleep,
                jitter=lambda: 0.5,
            ),
            Pages(self.storage, self.index_html),
            cdn=self.cdn,
            keep_names=self.keep_names,
            prefixes=self.prefixes,
            submit=self.submit,
        )

    def put(self, key: str, distribution: Distribution | bytes) -> str:
        """Put a file; if the key ends in a slash, append the distribution's filename."""
        if isinstance(distribution, Distribution):
            key += distribution.filename if key.endswith("/") or not key else ""
            distribution = distribution.content
        self.storage.upload(BUCKET, key, distribution)
        return key

    def invoke(self, *keys: str) -> list[batch.Result]:
        """Invoke the indexer with a message for each of these keys."""
        messages = [
            Message((ObjectEvent(BUCKET, key),), id=str(number)) for number, key in enumerate(keys)
        ]
        return batch.process(messages, self.indexer, map)

    def index(self, *keys: str) -> list[batch.Result]:
        """Invoke the indexer, also for files that it moves, and check that nothing failed."""
        events: list[str] = []
        self.storage.changed = lambda key: events.append(key) if is_distribution(key) else None
        results = self.invoke(*keys)
        self.storage.changed = lambda _key: None
        for result in results:
            if isinstance(result.outcome, Exception):
                raise result.outcome
        return results + (self.index(*events) if events else [])

    def command(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Run a command of the function."""
        surveyor = Surveyor(self.storage, self.indexer.kinds)
        event = {"command": name, "bucket": BUCKET, **arguments}
        return Commands(surveyor, self.indexer, self.queue).run(event)

    def differences(self, **arguments: Any) -> list[str]:
        """Return the differences that `verify` reports."""
        found = self.command("verify", **arguments)["differences"]
        return [f"{one['place']} {one['what']}" for one in found]

    def drain(self) -> None:
        """Process the messages that the function has sent, and the resulting events."""
        events: list[str] = []
        self.storage.changed = lambda key: events.append(key) if is_distribution(key) else None
        bodies, self.queue.bodies = self.queue.bodies, []
        records = [
            {"eventSource": "aws:sqs", "messageId": str(number), "body": body}
            for number, body in enumerate(bodies)
        ]
        messages = parse({"Records": records})
        results = batch.process(messages, self.indexer, map)
        assert batch.failed(messages, results) == {}
        self.index(*events)

    def add(self, key: str, distribution: Distribution) -> str:
        """Put a file and index it."""
        key = self.put(key, distribution)
        self.index(key)
        return key

    def json(self, directory: str) -> dict[str, Any]:
        """Return a directory's JSON page."""
        page = json.loads(self.storage.body(BUCKET, f"{directory}index.json"))
        assert isinstance(page, dict)
        return page

    def html(self, key: str) -> str:
        """Return an HTML page."""
        return self.storage.body(BUCKET, key).decode()

    def names(self, directory: str = "") -> list[str]:
        """Return the projects on a root page."""
        return [project["name"] for project in self.json(directory)["projects"]]

    def filenames(self, directory: str) -> list[str]:
        """Return the files on a project's page."""
        return [file["filename"] for file in self.json(directory)["files"]]

    def forget(self) -> None:
        """Reset the recorded calls."""
        self.storage.calls.clear()
        self.table.calls.clear()


@pytest.fixture
def world() -> World:
    """Provide an empty bucket and table."""
    return World()
