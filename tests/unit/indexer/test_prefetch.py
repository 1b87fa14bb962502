"""The page and the event's file are read while the directory is listed, and only then."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from unittest.mock import patch

import pytest

from lambda_indexer.errors import StorageError
from lambda_indexer.events import batch
from lambda_indexer.events.messages import Message, ObjectEvent
from lambda_indexer.index.prefetch import MEMORY, call_now
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
    """The lease, the page, the file, its metadata file, JSON, HTML, the release.

    Eight calls, of which seven wait for each other: the file is read after the page. All three of
    the page, the file and the metadata file go on while the directory is listed.
    """
    cloud = ours([["foo/foo-1.0-py3-none-any.whl"]], UNIT).cloud
    first = cloud.busy
    again = ours(
        [["foo/foo-1.0-py3-none-any.whl"], ["foo/foo-2.0-py3-none-any.whl"]], UNIT, over=100
    ).cloud
    # The first also writes the root page: its lease, two reads, both pages, and the release.
    assert (first, again.busy - first) == (7 + 6, 7)
    assert sum(again.calls.values()) - sum(cloud.calls.values()) == 1 + 8


def test_the_metadata_file_is_put_while_the_directory_is_listed() -> None:
    """The lease, a listing that takes as long as both reads and the PUT, JSON, HTML, the release.

    Eight calls; if the metadata file waited for the listing, this would take a second more.
    """
    conditions = replace(UNIT, latencies=Latencies(1000, 3000, 1000, 1000))
    keys = [["foo/foo-1.0-py3-none-any.whl"], ["foo/foo-2.0-py3-none-any.whl"]]
    first = ours(keys[:1], conditions).cloud
    both = ours(keys, conditions, over=100).cloud
    assert both.busy - first.busy == 1 + 3 + 1 + 1 + 1
    assert sum(both.calls.values()) - sum(first.calls.values()) == 1 + 8


def test_a_metadata_file_replaces_nothing_early(world: World) -> None:
    """One of an earlier file of that name is replaced after the listing has shown it."""
    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))
    world.put(f"{key}.metadata", b"of another file")
    world.forget()
    event(world, key)
    assert world.storage.operations() == ["GET", "GET", "PUT", "LIST", "PUT", "PUT", "PUT"]
    assert world.differences() == []


def test_a_metadata_file_without_a_wheel_is_deleted(world: World) -> None:
    """The wheel is removed before the listing, which does not show its metadata file yet."""
    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))
    listed = world.storage.list(BUCKET, "foo/")

    def remove(operation: str, _: str) -> None:
        if operation == "LIST":
            world.storage.before = lambda *_: None
            world.storage.remove(BUCKET, key)

    world.storage.before = remove
    with patch.object(world.storage, "list", lambda *_: [o for o in listed if o.key != key]):
        event(world, key)
    assert (BUCKET, f"{key}.metadata") not in world.storage.objects
    assert world.filenames("foo/") == [wheel("foo").filename]


def test_a_metadata_file_with_an_opaque_entity_tag_is_put_once(world: World) -> None:
    """With KMS the entity tag does not identify the content, but the run itself has put it."""
    world.storage.opaque = True
    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))
    world.forget()
    event(world, key)
    assert [name for operation, name in world.storage.calls if operation == "PUT"] == [
        f"{key}.metadata",
        "foo/index.json",
        "foo/",
    ]
    assert world.differences() == []


def at_listings(world: World, *changes: Callable[[], object]) -> None:
    """Make a change before each LIST, one after the other."""
    left = [*changes]

    def before(operation: str, _: str) -> None:
        if operation == "LIST" and left:
            left.pop(0)()

    world.storage.before = before


def test_a_metadata_file_of_another_version_is_replaced(world: World) -> None:
    """The wheel is overwritten before the listing."""
    world.storage.opaque = True
    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))
    at_listings(world, lambda: world.put("foo/", wheel("foo", "2.0", "Summary: another")))
    event(world, key)
    assert b"another" in world.storage.body(BUCKET, f"{key}.metadata")
    assert world.differences() == []


def test_the_listing_counts_more_than_what_was_put(world: World) -> None:
    """Somebody replaces the metadata file before the listing."""
    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))
    at_listings(world, lambda: world.put(f"{key}.metadata", b"of nobody"))
    event(world, key)
    assert world.storage.body(BUCKET, f"{key}.metadata") != b"of nobody"
    assert world.differences() == []


def test_the_next_attempt_believes_the_listing_alone(world: World) -> None:
    """Somebody writes the page, so that the run starts again, and removes the metadata file."""
    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))
    page = world.storage.body(BUCKET, "foo/index.json")
    at_listings(
        world,
        lambda: world.put("foo/index.json", page + b" "),
        lambda: world.storage.remove(BUCKET, f"{key}.metadata"),
    )
    event(world, key)
    assert (BUCKET, f"{key}.metadata") in world.storage.objects
    assert world.differences() == []


def test_a_file_that_cannot_be_listed_gets_no_metadata_file(world: World) -> None:
    """It is read once, and its reason is on the page."""
    world.add("foo/", wheel("foo"))
    key = world.put("foo/foo-2.0-py3-none-any.whl", wheel("bar", "2.0").content)
    world.forget()
    event(world, key)
    assert Counter(world.storage.operations()) == {"GET": 2, "LIST": 1, "PUT": 2}
    [refused] = world.json("foo/")["_quarantined"]
    assert "bar" in refused["reason"]


def test_an_index_keeps_no_metadata_file(world: World) -> None:
    """A wheel of a declared prefix's own name is moved to its project."""
    world.prefixes = frozenset({"foo/"})
    key = world.put("foo/", wheel("foo"))
    event(world, key)
    assert (BUCKET, f"{key}.metadata") not in world.storage.objects


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
    """A file that was prefetched in another version is read again."""
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
                made.append(call_now(call))
            return made[0]()

        return result

    world.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo", "2.0"))
    world.forget()
    world.submit = late
    event(world, key)
    assert world.storage.operations()[:3] == ["LIST", "GET", "GET"]
    assert world.differences() == []


def test_a_long_listing_is_requested_after_the_page_is_read(world: World) -> None:
    """Several requests do not show one moment: objects listed before the page may be older."""
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
