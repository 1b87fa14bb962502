"""A deterministic world: the indexer's real core against S3, DynamoDB and SQS in memory.

A seed decides everything: which invocation makes its next call, where one dies (before or after a
call, or when its effect is done and its response lost), which calls are refused, which messages
arrive twice, late or out of order, how far each invocation's clock is off, and what clients do.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from random import Random
from typing import Any, TypeVar, cast

from greenlet import GreenletExit, getcurrent, greenlet

from lambda_indexer.aws.sqs import seconds_until_retry
from lambda_indexer.errors import IndexerError
from lambda_indexer.events import batch
from lambda_indexer.events.commands import Commands
from lambda_indexer.events.messages import Message, ObjectEvent
from lambda_indexer.events.parsing import parse
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.prefetch import call_now
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.locks.lease import Leases
from lambda_indexer.pages.site import Site
from lambda_indexer.ports import LockItem
from lambda_indexer.survey.surveyor import Surveyor
from s3pypi.distributions.filenames import is_distribution
from s3pypi.layout import is_marker
from tests.fakes import MemoryLockTable, MemoryStorage
from tests.simulation.aws import (
    SimulatedCdn,
    SimulatedLockTable,
    SimulatedQueue,
    SimulatedStorage,
)

T = TypeVar("T")

BUCKET = "b"
VISIBILITY = 90.0
MAX_STEPS = 20_000
START = 1_800_000_000.0
CONCURRENCY = 3
SKEW = 4.0
SITE = Site(session="function")


class SimulationError(AssertionError):
    """An invariant was violated; the text says which."""


@dataclass(eq=False)
class Envelope:
    """A message in the queue: an event, which the function itself may have caused, or a request."""

    key: str
    visible_at: float
    raised_at: float = START
    removed: bool = False
    received: int = 0
    own: bool = False
    wish: Mapping[str, Any] | None = None


@dataclass(eq=False)
class Invocation:
    """An invocation in progress.

    Attributes:
        looked: the leases that it has seen to be its own since it wrote a page.
    """

    name: str
    envelopes: list[Envelope]
    started: float
    deadline: float
    skew: float
    wake_at: float = 0
    dead: bool = False
    looked: set[str] = field(default_factory=set)
    thread: greenlet | None = None


@dataclass
class Faults:
    """How likely each fault is at each call, and how many there may still be.

    Attributes:
        at: a pattern of the calls that they happen at; see `fnmatch`.
        slow: a pattern of the calls that stall.
    """

    dies: float = 0
    refused: float = 0
    lost: float = 0
    repeated: float = 0
    stalls: float = 0
    budget: int = 0
    at: str = "*"
    slow: str = "*"


NO_FAULTS = Faults()


@dataclass(frozen=True)
class Outage:
    """A call that AWS refuses for a long time.

    Attributes:
        what: the call.
        start: when the outage begins, in epoch seconds.
        end: when it ends.
    """

    what: str
    start: float
    end: float

    def lasts(self, now: float) -> bool:
        """Whether it is going on."""
        return self.start <= now < self.end


@dataclass
class World:
    """The world of one seed.

    Attributes:
        random: decides everything.
        faults: what goes wrong.
        indexer: makes the indexer of an invocation, given its storage and leases.
        actions: what the clients still do, and when, in order.
        trace: what happened, a line each.
        keep_names: whether a project without files keeps its page.
        named: the projects that have had a page.
        faulty: whether a fault has happened.
        commands: the names of invocations with commands, which nobody repeats.
        excused: the names of invocations that cannot give their leases back: they died, or were
            refused to.
        dropped: where clients have dropped files to be moved.
        outdated_yanks: markers of files that clients have deleted after pages listed them.
        timeout: seconds that an invocation may take.
        most_receives: how often a message is received before it is a dead letter.
        prefixes: the declared indexes.
        cdn_refusals: how many invalidations the CDN still refuses.
        outages: what AWS refuses for a long time.
        problem: what an invocation did that it must not do, None if nothing.
        edge: what the CDN keeps of files and sidecars, for ever, until it is told to forget it.
    """

    random: Random
    faults: Faults
    storage: MemoryStorage = field(default_factory=MemoryStorage)
    table: MemoryLockTable = field(default_factory=MemoryLockTable)
    now: float = START
    queue: list[Envelope] = field(default_factory=list)
    running: list[Invocation] = field(default_factory=list)
    actions: list[tuple[float, Callable[["World"], None]]] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    watch: Callable[["World"], None] = lambda _world: None
    acknowledge_first: bool = False
    keep_names: bool = False
    named: set[str] = field(default_factory=set)
    faulty: bool = False
    commands: set[str] = field(default_factory=set)
    excused: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    outdated_yanks: set[str] = field(default_factory=set)
    timeout: float = 60
    most_receives: int = 10
    prefixes: frozenset[str] = frozenset()
    edge: dict[str, bytes] = field(default_factory=dict)
    cdn_refusals: int = 0
    outages: list[Outage] = field(default_factory=list)
    dead: list[Envelope] = field(default_factory=list)
    problem: str | None = None
    _count: int = 0

    def __post_init__(self) -> None:
        self.storage.changed = self._changed

    # What happens, and in which order

    def run(self) -> None:
        """Run until nothing is left to do.

        Raises:
            SimulationError: it never comes to rest, or `watch` saw what must not be.
        """
        self._scheduler = getcurrent()
        for _ in range(MAX_STEPS):
            choices = self._choices()
            if self.actions and self.actions[0][0] <= self.now:
                self.actions.pop(0)[1](self)
            elif choices:
                chosen = self.random.choice(choices)
                self._resume(chosen) if chosen else self._deliver()
            elif not self._let_time_pass() and not self._redrive():
                return
            self.watch(self)
            if self.problem:
                raise SimulationError(self.problem)
        raise SimulationError("it does not come to rest")

    def _choices(self) -> list[Invocation | None]:
        """The invocations that can go on, and None where a new one can begin."""
        choices: list[Invocation | None] = [one for one in self.running if one.wake_at <= self.now]
        if len(self.running) < CONCURRENCY and any(e.visible_at <= self.now for e in self.queue):
            choices.append(None)
        return choices

    def _let_time_pass(self) -> bool:
        moments = [one.wake_at for one in self.running] + [e.visible_at for e in self.queue]
        moments += [moment for moment, _ in self.actions[:1]]
        # A message may be visible already and wait for an invocation to end.
        self.now = min([moment for moment in moments if moment > self.now], default=self.now)
        return bool(moments)

    def _redrive(self) -> bool:
        """Move the dead letters back to the queue, with a new count."""
        if not self.dead:
            return False
        self.now += 600  # until the check_time has woken somebody
        self.say(f"operator redrives {', '.join(e.key for e in self.dead)}")
        self.queue += [replace(e, visible_at=self.now, received=0) for e in self.dead]
        self.dead.clear()
        return True

    def _deliver(self) -> None:
        visible = [e for e in self.queue if e.visible_at <= self.now]
        envelopes = self.random.sample(visible, min(len(visible), self.random.randint(1, 3)))
        for envelope in [e for e in envelopes if e.received >= self.most_receives]:
            self.say(f"{envelope.key} is a dead letter")
            self.queue.remove(envelope)
            envelopes.remove(envelope)
            self.dead.append(envelope)
        if not envelopes:
            return
        for envelope in envelopes:
            envelope.visible_at = self.now + VISIBILITY
            envelope.received += 1
            if self.acknowledge_first:
                self.queue.remove(envelope)
        self._count += 1
        skew = self.random.uniform(-SKEW, SKEW)
        one = Invocation(f"#{self._count}", envelopes, self.now, self.now + self.timeout, skew)
        one.thread = greenlet(lambda: self._invoke(one))
        self.running.append(one)
        self.say(f"{one.name} gets {', '.join(e.key for e in envelopes)}")

    def command(self, event: Mapping[str, Any]) -> None:
        """Invoke the function with a command, as an operator or the schedule does."""
        self._count += 1
        one = Invocation(f"#{self._count}", [], self.now, self.now + self.timeout, 0)
        one.thread = greenlet(lambda: self._command(one, event))
        self.commands.add(one.name)
        self.running.append(one)
        self.say(f"{one.name} is told {event}")

    def _resume(self, one: Invocation) -> None:
        assert one.thread is not None
        if self.now > one.deadline and not one.dead:
            self._kill(one, "its time is over")
        self._current = one
        one.thread.switch()
        if one.dead or one.thread.dead:
            self.running.remove(one)

    # The function

    def _indexer(self, one: Invocation) -> Indexer:
        leases = Leases(
            cast("MemoryLockTable", SimulatedLockTable(self)),
            remaining=lambda: one.deadline - self.now,
            holder=one.name,
            max_wait=20,
            clock=lambda: self.now + one.skew,
            sleep=lambda seconds: self._sleep(one, seconds),
            jitter=self.random.random,
        )
        storage = SimulatedStorage(self)
        return Indexer(
            storage,
            leases,
            Pages(storage, site=SITE),
            cdn=SimulatedCdn(self),
            prefixes=self.prefixes,
            keep_names=self.keep_names,
            submit=self._begin,
        )

    def _begin(self, call: Callable[[], T], /) -> Callable[[], T]:
        """Begin a call that is made now, or as late as possible."""
        made = [call_now(call)] if self.random.random() < 0.5 else []

        def result() -> T:
            if not made:
                made.append(call_now(call))
            return made[0]()

        return result

    def _invoke(self, one: Invocation) -> None:
        indexer = self._indexer(one)
        messages = [message_of(number, e) for number, e in enumerate(one.envelopes)]
        failed = batch.failed(messages, batch.process(messages, indexer, map))
        self._check_leases(one)
        if self._fault(self.faults.lost):
            self.say(f"{one.name} is done, but its answer is lost")
            return
        for number, envelope in enumerate(one.envelopes):
            if number in failed:
                self.say(f"{one.name} failed with {failed[number]!r}")
                pause = seconds_until_retry(failed[number], envelope.received, self.random.random())
                envelope.visible_at = self.now + pause
            elif envelope in self.queue:
                self.queue.remove(envelope)

    def _command(self, one: Invocation, event: Mapping[str, Any]) -> None:
        indexer = self._indexer(one)
        surveyor = Surveyor(indexer.storage, indexer.kinds)
        commands = Commands(surveyor, indexer, SimulatedQueue(self))
        try:
            answer = commands.run({"bucket": BUCKET, **event})
        except IndexerError as error:
            self.say(f"{one.name} failed with {error!r}")
        else:
            self.say(f"{one.name} answers {answer}")
        self._check_leases(one)

    def _check_leases(self, one: Invocation) -> None:
        """An invocation that lives to its end gives all of its leases back."""
        held = [lock for lock, item in self.table.items.items() if self._owner(item) == one.name]
        if held and one.name not in self.excused:
            raise SimulationError(f"{one.name} ends with the leases {held}")

    @staticmethod
    def _owner(item: LockItem) -> str:
        return (item.owner or "").partition(" ")[0]

    def _sleep(self, one: Invocation, seconds: float) -> None:
        one.wake_at = self.now + seconds
        self._yield(one)

    def call(self, what: str, error: type[Exception], effect: Callable[[], T]) -> T:
        """Make an AWS call of an invocation, with possible faults."""
        one = self._current
        one.wake_at = self.now + self.random.uniform(0.005, 0.06)
        # In the end AWS answers at once again, or what has little time would never be done.
        faults = self.faults if _matches(what, self.faults.at) else NO_FAULTS
        stalls = self.faults.stalls if _matches(what, self.faults.slow) else 0
        if self.random.random() < stalls and self.now < START + 600:
            one.wake_at += self.random.uniform(0, min(20, self.timeout / 2))
        self._yield(one)
        if self._fault(faults.dies):
            self._kill(one, f"before {what}")
        out = any(each.what == what and each.lasts(self.now) for each in self.outages)
        if out or self._fault(faults.refused):
            self.say(f"{one.name} is refused {what}")
            if what.startswith("abandon "):
                self.excused.add(one.name)
            raise error(f"refused: {what}")
        try:
            result = effect()
            if self._fault(faults.repeated):
                self.say(f"{one.name} repeats {what}, for an answer was lost")
                result = effect()
        except Exception as problem:
            self.say(f"{one.name} {what}: {type(problem).__name__}")
            raise
        self.say(f"{one.name} {what}")
        self._note_lease(one, what, result)
        if self._fault(faults.lost):
            self.say(f"{one.name} does not hear the answer")
            raise error(f"no answer: {what}")
        if self._fault(faults.dies):
            self._kill(one, f"after {what}")
        return result

    def _note_lease(self, one: Invocation, what: str, result: object) -> None:
        if what.startswith("PUT "):
            one.looked.clear()
        if isinstance(result, LockItem) and self._owner(result) == one.name:
            one.looked.add(what.removeprefix("look at "))

    def check_deletion(self, key: str) -> None:
        """Check that an invocation that deletes a sidecar of a newer page has looked at its lease.

        It may still lose the lease in the moment before the deletion, whose event mends that.
        """
        directory, _, filename = key.rpartition("/")
        page = self.storage.objects.get((BUCKET, f"{directory}/index.json"))
        named = page is not None and any(
            "core-metadata" in file and f"{file['filename']}.metadata" == filename
            for file in json.loads(page.body).get("files", ())
        )
        file = (BUCKET, key.removesuffix(".metadata"))
        if named and file in self.storage.objects:
            one = self._current
            if f"{BUCKET}/{directory}" not in one.looked:
                self.problem = f"{one.name} deletes {key}, which a newer page names"

    def _yield(self, one: Invocation) -> None:
        if not one.dead:
            self._scheduler.switch()
        if one.dead:  # whatever still wants to clean up after itself does not get to
            raise GreenletExit
        if self.now > one.deadline:
            self._kill(one, "its time is over")

    def _kill(self, one: Invocation, why: str) -> None:
        one.dead = True
        self.excused.add(one.name)
        self.say(f"{one.name} dies: {why}")
        if one.thread is getcurrent():
            raise GreenletExit

    def _fault(self, likelihood: float) -> bool:
        if self.faults.budget <= 0 or self.random.random() >= likelihood:
            return False
        self.faults.budget -= 1
        self.faulty = True
        return True

    # The bucket's events

    def _changed(self, key: str) -> None:
        filename = key.rpartition("/")[2]
        removed = (BUCKET, key) not in self.storage.objects
        generated = filename in {"", "index.json", "index.html"} or filename.endswith(".metadata")
        if not (is_distribution(filename) or is_marker(filename) or (removed and generated)):
            return
        for _ in range(1 + (self.random.random() < 0.1)):
            late = self.random.choice([0, 0, 0.5, self.random.uniform(0, 120)])
            own = getcurrent() is not self._scheduler
            self.queue.append(Envelope(key, self.now + late, self.now, removed, own=own))

    def receive(self, body: Mapping[str, Any]) -> None:
        """Put a message of the function into its own queue."""
        self.queue.append(Envelope("a wish", self.now, self.now, wish=body))

    def say(self, line: str) -> None:
        """Add a line to the trace."""
        self.trace.append(f"{self.now - START:9.3f} {line}")


def _matches(what: str, pattern: str) -> bool:
    return pattern == "*" or fnmatchcase(what, pattern)


def message_of(number: int, envelope: Envelope) -> Message:
    """Return a message as the function receives it."""
    if envelope.wish is None:
        time = datetime.fromtimestamp(envelope.raised_at, UTC)
        principal = f"AWS:ID:{SITE.session if envelope.own else 'client'}"
        event = ObjectEvent(BUCKET, envelope.key, time, principal, removed=envelope.removed, size=1)
        return Message((event,), id=str(number), receive_count=envelope.received)
    record = {
        "eventSource": "aws:sqs",
        "messageId": str(number),
        "body": json.dumps(envelope.wish),
        "attributes": {"ApproximateReceiveCount": str(envelope.received)},
    }
    return parse({"Records": [record]})[0]
