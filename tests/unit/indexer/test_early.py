"""The page and the event's file are read while the directory is listed, and only then."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import pytest

from lambda_indexer.errors import StorageError
from lambda_indexer.events import batch
from lambda_indexer.events.parsing import Message, ObjectEvent
from lambda_indexer.index.early import MEMORY, at_once
from tests.benchmarks.latency import Latencies
from tests.benchmarks.model.bursts import ours
from tests.benchmarks.model.cloud import Conditions
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World

T = TypeVar("T")

UNIT = Conditions(Latencies(1000, 1000, 1000, 1000), spread=0, processor=0, event=0, poll=0, cold=0)
"""Every call takes a second, and nothing else takes any time."""


def event(world: World, key: str, size: int = 1) -> None:
    """Invoke the indexer with an event that names a file's size; insist that nothing failed."""
    messages = [Message((ObjectEvent(BUCKET, key, size=size),), id="0")]
    results = batch.process(messages, world.indexer, map)
    assert batch.failed(messages, results) == {}


def test_the_longest_chain_of_dependent_calls() -> None:
    """The lease, both reads along with the listing, the metadata file, JSON, HTML, the release.

    Eight calls, of which seven wait for each other: the file is read after the page. The listing
    takes longer than both of them, so it is six at its usual latency.
    """
    cloud = ours([["foo/foo-1.0-py3-none-any.whl"]], UNIT).cloud
    first = cloud.busy
    again = ours(
        [["foo/foo-1.0-py3-none-any.whl"], ["foo/foo-2.0-py3-none-any.whl"]], UNIT, over=100
    ).cloud
    # The first also writes the root page: its lease, two reads, both pages, and the release.
    assert (first, again.busy - first) == (7 + 6, 7)
    assert sum(again.calls.values()) - sum(cloud.calls.values()) == 1 + 8


def test_a_file_that_the_page_lists_is_not_read(world: World) -> None:
    """Another run was faster, or the event comes twice."""
    key = world.add("foo/", wheel("foo"))
    world.forget()
    event(world, key)
    assert Counter(world.storage.operations()) == {"LIST": 1, "GET": 1}


def test_the_file_of_an_event_is_read_once(world: World) -> None:
    """Its content is used, if the listing shows the same version."""
    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))
    world.forget()
    event(world, key)
    operations = [call for call in world.storage.calls if call[0] != "PUT"]
    assert operations == [("GET", "foo/index.json"), ("GET", key), ("LIST", "foo/")]
    assert world.differences() == []


def test_a_file_that_changes_before_the_listing_is_read_again(world: World) -> None:
    """What was read early is of another version."""
    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))

    def overwrite(operation: str, _: str) -> None:
        if operation == "LIST":
            world.storage.before = lambda *_: None
            world.put("foo/", wheel("foo", "2.0", "Summary: another"))

    world.storage.before = overwrite
    world.forget()
    event(world, key)
    assert world.storage.operations().count("GET") == 3
    assert world.differences() == []


def test_an_error_of_an_early_read_is_none_of_the_run(world: World) -> None:
    """The file is read again where it matters, and it may be gone."""
    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))
    failures = [StorageError("throttled")]

    def fail(operation: str, name: str) -> None:
        if (operation, name) == ("GET", key) and failures:
            raise failures.pop()

    world.storage.before = fail
    event(world, key)
    assert world.differences() == []
    world.storage.remove(BUCKET, key)
    event(world, key)
    assert world.differences() == []


@pytest.mark.parametrize("sizes", [[MEMORY + 1], [MEMORY, 1], [MEMORY // 2] * 3])
def test_memory_of_early_reads_is_bounded(world: World, sizes: list[int]) -> None:
    """By the sizes that the events name; the others are read with the rest."""
    keys = [world.put("foo/", wheel("foo", f"{number}.0")) for number in range(len(sizes))]
    messages = [
        Message((ObjectEvent(BUCKET, key, size=size),), id=key)
        for key, size in zip(keys, sizes, strict=True)
    ]
    batch.process(messages, world.indexer, map)
    before_list = world.storage.operations()[: world.storage.operations().index("LIST")]
    early = before_list.count("GET") - 1
    assert early == sum(sum(sizes[: n + 1]) <= MEMORY for n in range(len(sizes)))
    assert world.differences() == []


def test_an_event_that_another_run_covers_reads_nothing(world: World) -> None:
    """Nothing is read before the lease is acquired."""
    key = world.add("foo/", wheel("foo"))
    item = world.table.items["bucket/foo"]
    world.table.acquire("bucket/foo", "another", world.clock(), world.clock() + 60, None)

    def finish(seconds: float) -> None:
        world.clock.sleep(seconds)
        world.table.release("bucket/foo", "another", item.run + 1, None, frozenset())
        world.table.acquire("bucket/foo", "third", world.clock(), world.clock() + 60, None)
        world.table.release("bucket/foo", "third", item.run + 2, None, frozenset())

    world.sleep = finish
    world.forget()
    event(world, key)
    assert world.storage.calls == []


def test_reads_may_end_in_any_order(world: World) -> None:
    """The page and the file may be read after the listing, if that takes one request."""

    def late(call: Callable[[], T], /) -> Callable[[], T]:
        made: list[Callable[[], T]] = []

        def result() -> T:
            if not made:
                made.append(at_once(call))
            return made[0]()

        return result

    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))
    world.forget()
    world.begin = late
    event(world, key)
    assert world.storage.operations()[:3] == ["LIST", "GET", "GET"]
    assert world.differences() == []


def test_a_long_listing_is_requested_after_the_page_is_read(world: World) -> None:
    """Several requests do not show one moment: what was listed before the page may be older."""
    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))
    world.storage.page_size = 2
    world.forget()
    event(world, key)
    operations = world.storage.operations()
    listed = [n for n, operation in enumerate(operations) if operation == "LIST"]
    assert len(listed) > 3
    assert operations.index("GET") < listed[1]
    assert world.differences() == []
