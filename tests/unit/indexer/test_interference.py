"""Regenerate while others write: failed calls, conflicts, lost leases and repeated events."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lambda_indexer.errors import ChangedError, ContentionError, LeaseLostError, StorageError
from lambda_indexer.events import batch
from lambda_indexer.events.messages import Message, ObjectEvent
from lambda_indexer.events.work import LATE
from lambda_indexer.index.outcome import Outcome, Trigger
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World
from tests.unit.indexer.regenerating import FOO

CALLS_OF_A_NEW_PROJECT = 10


@pytest.mark.parametrize("killed", [True, False])
@pytest.mark.parametrize("failing", range(CALLS_OF_A_NEW_PROJECT))
def test_whatever_call_fails_the_next_run_puts_it_right(
    world: World, failing: int, killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failure or death at any call, the retried message completes the work."""
    expected = World()
    for one in (expected, world):
        one.add("bar/", wheel("bar"))
    expected.add("foo/", wheel("foo"))
    key = world.put("foo/", wheel("foo"))
    world.forget()

    def fail(*_: object) -> None:
        if len(world.storage.calls) >= failing:
            raise KeyboardInterrupt if killed else StorageError("throttled")

    with monkeypatch.context() as patched:
        world.storage.before = fail
        if killed:
            patched.setattr(world.table, "abandon", fail)  # the dead release nothing
            with pytest.raises(KeyboardInterrupt):
                world.invoke(key)
        else:
            [result] = world.invoke(key)
            assert isinstance(result.outcome, StorageError)
    world.storage.before = lambda *_: None
    world.clock.sleep(1000)
    world.index(key)
    assert world.storage.keys(BUCKET) == expected.storage.keys(BUCKET)
    for page in expected.storage.keys(BUCKET):
        assert world.storage.body(BUCKET, page) == expected.storage.body(BUCKET, page)


def test_a_new_project_makes_this_many_calls(world: World) -> None:
    """The number of calls that the test above lets fail."""
    world.add("bar/", wheel("bar"))
    world.forget()
    world.add("foo/", wheel("foo"))
    assert len(world.storage.calls) == CALLS_OF_A_NEW_PROJECT


def test_a_refused_read_of_the_page_writes_nothing(world: World) -> None:
    """Only a missing key is an absent page, unlike in s3pypi 2."""
    world.add("foo/", wheel(version="1.0"))
    before = dict(world.storage.objects)
    key = world.put("foo/", wheel(version="2.0"))

    def refuse(_operation: str, key: str) -> None:
        if key == "foo/index.json":
            raise StorageError("AccessDenied")

    world.storage.before = refuse
    [result] = world.invoke(key)
    assert isinstance(result.outcome, StorageError)
    world.storage.remove(BUCKET, key)
    assert world.storage.objects == before


def test_another_writer_makes_the_run_start_again(world: World) -> None:
    """A page that changed since the LIST is not overwritten, and the run starts again."""
    world.add("foo/", wheel(version="1.0"))
    key = world.put("foo/", wheel(version="2.0"))
    third = wheel(version="3.0")
    calls = []

    def interfere(operation: str, name: str) -> None:
        calls.append((operation, name))
        if calls.count(("PUT", "foo/index.json")) == 1 and name == "foo/index.json":
            world.put("foo/", third)
            world.storage.upload(BUCKET, "foo/index.json", b"{}")

    world.storage.before = interfere
    result = world.index(key)[0]
    assert isinstance(result.outcome, Outcome)
    assert result.outcome.conflicts >= 1
    assert third.filename in world.filenames("foo/")
    assert len(world.filenames("foo/")) == 3


def test_endless_interference_fails_the_message(world: World) -> None:
    """After too many conflicts, the message fails."""
    key = world.put("foo/", wheel())
    ticks = iter(range(1000))

    def interfere(operation: str, name: str) -> None:
        if (operation, name) == ("PUT", "foo/index.json"):
            world.storage.upload(BUCKET, name, str(next(ticks)).encode())

    world.storage.before = interfere
    [result] = world.invoke(key)
    assert isinstance(result.outcome, ContentionError)


def test_after_a_death_the_pages_and_the_root_are_compared(world: World) -> None:
    """A recovery run compares everything that the last holder may not have finished."""
    key = world.add("foo/", wheel())
    for page in ("foo/", "index.html"):
        world.storage.upload(BUCKET, page, b"as before")
    right = world.storage.body(BUCKET, "foo/index.json")
    world.table.acquire("bucket/foo", "the dead", world.clock(), world.clock() + 1, None)
    world.clock.sleep(2)
    world.forget()
    [result] = world.index(key)
    assert isinstance(result.outcome, Outcome)
    assert result.outcome.recovery
    assert [key for operation, key in world.storage.calls if operation == "PUT"] == [
        "foo/",
        "index.html",
    ]
    assert world.storage.body(BUCKET, "foo/index.json") == right
    assert ("acquire", "bucket/") in world.table.calls
    assert world.differences() == []


@pytest.mark.parametrize(
    ("received", "age", "names"),
    [(2, 0, ["bar", "foo"]), (1, LATE + 1, ["bar", "foo"]), (1, LATE - 1, ["bar"])],
    ids=["comes back", "may have been a dead letter", "is new"],
)
def test_a_message_that_comes_back_checks_the_root_page(
    world: World, received: int, age: float, names: list[str]
) -> None:
    """An earlier run of the message may have changed the root page without its lease."""
    key = world.add("foo/", wheel())
    world.table.declare("bucket/", "-foo@9999999999", 0)
    world.add("bar/", wheel("bar"))
    assert world.names() == ["bar"]  # an old run spoke last, and died
    time = datetime.fromtimestamp(world.clock() - age, UTC)
    messages = [Message((ObjectEvent(BUCKET, key, time),), id="0", receive_count=received)]
    batch.process(messages, world.indexer, map)
    assert world.names() == names


@pytest.mark.parametrize(
    ("trigger", "covered"),
    [
        (Trigger(), True),
        (Trigger(requested=True), False),
        (Trigger(requested=True, fresh=True), False),
        (Trigger(lost=True), False),
    ],
)
def test_a_request_is_never_covered(world: World, trigger: Trigger, *, covered: bool) -> None:
    """Ordinary runs do less than a requested one, so they do not cover it."""
    key = world.add("foo/", wheel())

    def hold() -> int:
        now = world.clock()
        run = world.table.acquire("bucket/foo", "other", now, now + 100, None).run
        assert run is not None
        return run

    def another_run_completes(seconds: float) -> None:
        world.clock.sleep(seconds)
        if not completed:
            world.table.release("bucket/foo", "other", under_way, None, frozenset())
            completed.append(hold())
            world.table.release("bucket/foo", "other", completed[0], None, frozenset())

    completed: list[int] = []
    under_way = hold()
    world.sleep = another_run_completes
    world.forget()
    outcome = world.indexer.regenerate(FOO, trigger)
    assert completed
    assert outcome.covered == covered
    assert (("GET", key) in world.storage.calls) == trigger.fresh


def test_after_a_conflict_the_root_page_is_checked(world: World) -> None:
    """The conflicting write may be the run's own, which may have changed the root page."""
    world.add("foo/", wheel("foo", "1.0"))
    world.table.declare("bucket/", "-foo@9999999999", 0)
    world.add("bar/", wheel("bar"))
    assert world.names() == ["bar"]
    key = world.put("foo/", wheel("foo", "2.0"))
    met: list[str] = []

    def interfere(operation: str, name: str) -> None:
        if (operation, name) == ("PUT", "foo/index.json") and not met:
            met.append(name)
            body = world.storage.body(BUCKET, name)
            world.storage.upload(BUCKET, name, body, etag="another")

    world.storage.before = interfere
    world.index(key)
    assert met
    assert world.names() == ["bar", "foo"]


def test_after_a_conflict_the_cdn_forgets_the_whole_directory(world: World) -> None:
    """After a PUT with a lost response, the page already has the new record."""
    key = world.add("foo/", wheel())
    world.put("foo/", wheel("foo", "1.0", "Summary: new"))
    put = world.storage.put
    lost: list[str] = []

    def lose_the_answer(bucket: str, name: str, *rest: Any) -> Any:
        answer = put(bucket, name, *rest)
        if name == "foo/index.json" and not lost:
            lost.append(name)
            raise ChangedError("412, for it was there already")
        return answer

    world.storage.put = lose_the_answer  # type: ignore[method-assign,assignment]
    world.index(key)
    assert world.cdn.invalidated == [["/foo/*"]]


def test_a_page_that_vanishes_after_the_list_makes_the_run_start_again(world: World) -> None:
    """A page that is deleted meanwhile is a conflict, to keep upload times."""
    world.add("foo/", wheel(version="1.0"))
    key = world.put("foo/", wheel(version="2.0"))
    page = world.storage.objects[BUCKET, "foo/index.json"]
    looks: list[str] = []

    def vanish(operation: str, name: str) -> None:
        if (operation, name) == ("GET", "foo/index.json"):
            looks.append(name)
            if len(looks) == 1:
                world.storage.remove(BUCKET, name)
            else:
                world.storage.objects[BUCKET, name] = page

    def put_back(operation: str, name: str) -> None:
        if operation == "LIST" and looks:
            world.storage.objects[BUCKET, "foo/index.json"] = page
        vanish(operation, name)

    world.storage.before = put_back
    [result] = world.index(key)
    assert isinstance(result.outcome, Outcome)
    assert result.outcome.conflicts == 1
    times = {file["filename"]: file["upload-time"] for file in world.json("foo/")["files"]}
    assert times["foo-1.0-py3-none-any.whl"] == "2026-01-01T00:00:01Z"


def test_a_redelivered_event_that_is_covered_checks_the_root_page(world: World) -> None:
    """A covered event that was delivered before still checks the root page."""
    key = world.add("foo/", wheel())
    world.table.declare("bucket/", "-foo@9999999999", 0)
    world.add("bar/", wheel("bar"))
    assert world.names() == ["bar"]
    held = world.table.acquire("bucket/foo", "another", world.clock(), world.clock() + 50, None)

    def finish(seconds: float) -> None:
        world.clock.sleep(seconds)
        if world.table.items["bucket/foo"].owner != "another":
            return
        world.table.release("bucket/foo", "another", held.run or 0, None, frozenset())
        later = world.table.acquire("bucket/foo", "x", world.clock(), world.clock() + 50, None)
        world.table.release("bucket/foo", "x", later.run or 0, None, frozenset())
        # A third run keeps the lease from us, so that the second one covers the event.
        world.table.acquire("bucket/foo", "y", world.clock(), world.clock() + 0.2, None)

    world.sleep = finish
    messages = [Message((ObjectEvent(BUCKET, key),), id="0", receive_count=2)]
    assert batch.failed(messages, batch.process(messages, world.indexer, map)) == {}
    assert world.names() == ["bar", "foo"]


def test_a_stale_run_leaves_the_sidecar_that_a_newer_page_names(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that lost its lease does not delete a metadata file of a newer page."""
    key = world.add("foo/", wheel())
    world.add("foo/", wheel(version="2.0"))
    sidecar = world.storage.body(BUCKET, f"{key}.metadata")
    world.storage.remove(BUCKET, key)
    put = world.storage.put

    def take_over(bucket: str, name: str, *rest: Any) -> Any:
        answer = put(bucket, name, *rest)
        if name == "foo/":  # the stale run has written both pages
            monkeypatch.undo()
            item = world.table.items["bucket/foo"]
            world.table.items["bucket/foo"] = replace(item, owner=None)
            world.put("foo/", wheel())
            world.index(key)
        return answer

    monkeypatch.setattr(world.storage, "put", take_over)
    [result] = world.invoke(key)
    assert isinstance(result.outcome, LeaseLostError)
    assert key.removeprefix("foo/") in world.filenames("foo/")
    assert world.storage.body(BUCKET, f"{key}.metadata") == sidecar


def test_a_file_that_is_removed_while_it_is_read(world: World) -> None:
    """The run starts again; the file is not quarantined for being gone."""
    key = world.add("foo/", wheel("foo", "1.0"))
    gone = world.put("foo/", wheel("foo", "2.0"))

    def remove(operation: str, name: str) -> None:
        if (operation, name) == ("GET", gone):
            world.storage.before = lambda *_: None
            world.storage.remove(BUCKET, gone)

    world.storage.before = remove
    [result] = world.invoke(gone)
    assert isinstance(result.outcome, Outcome)
    assert (result.outcome.conflicts, result.outcome.newly_refused) == (1, ())
    assert world.filenames("foo/") == [key.removeprefix("foo/")]
