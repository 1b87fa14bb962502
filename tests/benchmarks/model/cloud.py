"""S3, DynamoDB, SQS and Lambda in virtual time, as AWS describes them, around the real core."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, TypeVar, cast

from lambda_indexer.aws.listing import Answer
from lambda_indexer.aws.sqs import seconds_until_retry
from lambda_indexer.events import batch
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.locks.lease import Leases
from lambda_indexer.settings import Settings
from s3pypi.distributions.filenames import is_distribution
from tests.benchmarks.latency import Latencies
from tests.benchmarks.model.clock import Clock
from tests.fakes import MemoryLockTable, MemoryObject, MemoryStorage, stored_object
from tests.simulation.aws import SimulatedLockTable, SimulatedStorage
from tests.simulation.world import BUCKET, START, Envelope, message_of

T = TypeVar("T")

BATCH: Final = 10
PROJECTS, FILES = Settings.parallel_projects, Settings.parallel_files
TIMEOUT: Final = 300.0
VISIBILITY: Final = 330.0
FIRST_BATCHES, MORE_A_MINUTE = 5, 300
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"""
OPERATIONS: Final = {
    "GET": "GetObject",
    "HEAD": "HeadObject",
    "PUT": "PutObject",
    "LIST": "ListObjectsV2",
}
"""S3's operations by their names in `SimulatedStorage`; all others are DynamoDB's."""


@dataclass(frozen=True, slots=True)
class Span:
    """A call of an invocation or of a client, with its caller, operation, start and end."""

    who: str
    what: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Conditions:
    """The assumptions about AWS.

    Attributes:
        latencies: Of its calls.
        spread: How far a latency may be from its average, as a part of it.
        processor: Seconds of processor time for each call, of client and function. Each machine and
            each invocation has one processor.
        event: Seconds from a PUT to its message: S3 says "typically in seconds".
        poll: Seconds from a visible message to its invocation.
        cold: Seconds until a new environment can work: Lambda says "under 100 ms to over 1 second".
        concurrency: How many invocations there may be at the same time.
    """

    latencies: Latencies = Latencies()  # noqa: RUF009 - it is frozen
    spread: float = 0.3
    processor: float = 0.002
    event: float = 1.0
    poll: float = 0.02
    cold: float = 0.5
    concurrency: int = 10


@dataclass
class _Bucket(MemoryStorage):
    """The fake, with its keys by directory, because large directories are listed often here."""

    by_directory: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def answer(self, bucket: str, prefix: str, after: str, *, deep: bool = False) -> Answer:
        """See `MemoryStorage.answer`."""
        if deep:
            return super().answer(bucket, prefix, after, deep=True)
        keys = sorted(key for key in self.by_directory[prefix] if key > after)
        some = keys[: self.page_size]
        return [stored_object(key, self.objects[bucket, key]) for key in some], some != keys

    def _store(self, bucket: str, key: str, stored: MemoryObject) -> None:
        self.by_directory[key[: key.rfind("/") + 1]].add(key)
        super()._store(bucket, key, stored)


@dataclass
class Cloud:
    """A deployment, and the calls in it.

    Attributes:
        conditions: What is assumed.
        clock: Virtual time.
        storage: The bucket.
        table: The lock table.
        calls: How many there were, by operation.
        spans: Each of them, if `traced`.
        invocations: How many there were.
        busy: Seconds of all invocations.
        uploaded: When each file was put.
        listed: When each file was first on its page.
    """

    conditions: Conditions = field(default_factory=Conditions)
    traced: bool = False
    clock: Clock = field(default_factory=Clock)
    storage: MemoryStorage = field(default_factory=_Bucket)
    table: MemoryLockTable = field(default_factory=MemoryLockTable)
    calls: Counter[str] = field(default_factory=Counter)
    spans: list[Span] = field(default_factory=list)
    invocations: int = 0
    busy: float = 0
    uploaded: dict[str, float] = field(default_factory=dict)
    listed: dict[str, float] = field(default_factory=dict)
    random: Random = field(default_factory=lambda: Random(1))  # noqa: S311 - it repeats exactly
    _queue: list[Envelope] = field(default_factory=list)
    _running: int = 0
    _warm: int = 0
    _processors: dict[str, float] = field(default_factory=dict)
    _since: float | None = None

    def __post_init__(self) -> None:
        self.storage.changed = self._changed

    # Calls

    def call(self, who: str, what: str, effect: Callable[[], T]) -> T:
        """Make a call of somebody: half of its latency, its effect, and the other half."""
        operation = OPERATIONS.get(what.partition(" ")[0], "UpdateItem")
        service = "dynamodb" if operation == "UpdateItem" else "s3"
        start = self.clock.now
        latency = self.conditions.latencies.of(service, operation)
        latency *= 1 + self.conditions.spread * self.random.uniform(-1, 1)
        self.calls[operation] += 1
        self._compute(who)
        self.clock.sleep(latency / 2)
        try:
            return effect()
        finally:
            self.clock.sleep(latency / 2)
            if self.traced:
                self.spans.append(Span(who, what, start, self.clock.now))

    def _compute(self, who: str) -> None:
        """Wait for the processor of somebody, and use it for one call."""
        free = max(self.clock.now, self._processors.get(who, 0)) + self.conditions.processor
        self._processors[who] = free
        self.clock.sleep(free - self.clock.now)

    def upload(self, who: str, key: str, content: bytes) -> None:
        """Put a file as a client."""

        def effect() -> None:
            self.uploaded[key] = self.clock.now
            self.storage.upload(BUCKET, key, content)

        self.call(who, f"PUT {key}", effect)

    # Events, the queue, and the function

    def _changed(self, key: str) -> None:
        if is_distribution(key):
            self.clock.spawn(lambda: self._arrive(key), self.conditions.event)
        elif key.endswith("/index.json"):
            page = json.loads(self.storage.body(BUCKET, key))
            for file in page.get("files", ()):
                name = key.removesuffix("index.json") + file["filename"]
                self.listed.setdefault(name, self.clock.now)

    def _arrive(self, key: str) -> None:
        now = self.clock.now
        self._queue.append(Envelope(key, now, START + now))
        self.clock.sleep(self.conditions.poll)
        self._dispatch()

    def _dispatch(self) -> None:
        """Invoke the function as often as there are batches, and as is allowed now."""
        while True:
            now = self.clock.now
            visible = [each for each in self._queue if each.visible_at <= now][:BATCH]
            if not visible:
                self._since = self._since if self._queue else None
                return
            self._since = now if self._since is None else self._since
            scaled = FIRST_BATCHES + MORE_A_MINUTE / 60 * (now - self._since)
            if self._running >= min(self.conditions.concurrency, 1000, int(scaled)):
                if self._running < self.conditions.concurrency:
                    self.clock.spawn(self._dispatch, 60 / MORE_A_MINUTE)
                return
            for envelope in visible:
                envelope.visible_at = now + VISIBILITY
                envelope.received += 1
            self._running += 1
            self.invocations += 1
            name = f"#{self.invocations}"
            self.clock.spawn(lambda name=name, some=visible: self._invoke(name, some))  # type: ignore[misc]

    def indexer(self, name: str) -> Indexer:
        """Return the indexer of an invocation that begins now."""
        begun, view = self.clock.now, _View(self, name)
        storage = cast("Any", SimulatedStorage(cast("Any", view)))
        leases = Leases(
            cast("Any", SimulatedLockTable(cast("Any", view))),
            remaining=lambda: begun + TIMEOUT - self.clock.now,
            holder=name,
            clock=lambda: START + self.clock.now,
            sleep=view.sleep,
            jitter=self.random.random,
        )
        files = self.clock.parallel(FILES)
        return Indexer(storage, leases, Pages(storage), files, submit=self.clock.begin)

    def _invoke(self, name: str, envelopes: list[Envelope]) -> None:
        start = self.clock.now
        if self._running > self._warm:
            self._warm += 1
            self.clock.sleep(self.conditions.cold)
            if self.traced:
                self.spans.append(Span(name, "cold start", start, self.clock.now))
        messages = [message_of(number, each) for number, each in enumerate(envelopes)]
        indexer, projects = self.indexer(name), self.clock.parallel(PROJECTS)
        failed = batch.failed(messages, batch.process(messages, indexer, projects))
        for number, envelope in enumerate(envelopes):
            if number in failed:
                pause = seconds_until_retry(failed[number], envelope.received, self.random.random())
                envelope.visible_at = self.clock.now + pause
                self.clock.spawn(self._dispatch, pause)
            else:
                self._queue.remove(envelope)
        self._running -= 1
        self.busy += self.clock.now - start
        self._dispatch()


class _View:
    """The cloud as one invocation sees it, in the form that the simulation's adapters expect."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self._cloud, self._name = cloud, name
        self.storage, self.table = cloud.storage, cloud.table

    def call(self, what: str, _error: type[Exception], effect: Callable[[], T]) -> T:
        """Make a call."""
        return self._cloud.call(self._name, what, effect)

    def sleep(self, seconds: float) -> None:
        """Wait for a lease."""
        start = self._cloud.clock.now
        self._cloud.clock.sleep(seconds)
        if self._cloud.traced:
            self._cloud.spans.append(Span(self._name, "wait", start, self._cloud.clock.now))


def cost(cloud: Cloud, prices: Mapping[str, float], memory: float) -> float:
    """The price of all calls in US dollars.

    Args:
        cloud: Where.
        prices: Of each operation, of an invocation, of a GB-second and of a request to SQS.
        memory: Of the function, in GB.
    """
    calls = sum(prices[operation] * number for operation, number in cloud.calls.items())
    # Each message is sent alone, and received and deleted with the others of its batch.
    requests = len(cloud.uploaded) + 2 * cloud.invocations
    return (
        calls
        + requests * prices["SQS"]
        + cloud.invocations * prices["invocation"]
        + cloud.busy * memory * prices["GB-second"]
    )
