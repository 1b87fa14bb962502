"""The uploader of a file is known without a doubt, or unknown."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lambda_indexer.events import batch
from lambda_indexer.events.messages import Message, ObjectEvent
from lambda_indexer.events.parsing import parse
from lambda_indexer.events.uploads import uploads_of_moved
from lambda_indexer.pages.site import Site
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World

KEY = "foo/foo-1.0-py3-none-any.whl"
ALICE, BOB = "AWS:AROAEXAMPLE:alice", "AWS:AIDAEXAMPLEBOB"
SHOWING = Site(show_uploaders=True, session="indexer")


@pytest.fixture
def shown(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A bucket whose pages show uploaders, with one file whose event has not arrived yet."""
    indexer = World.indexer.fget  # type: ignore[attr-defined]

    def showing(self: World) -> Any:
        found = indexer(self)
        return replace(found, pages=replace(found.pages, site=SHOWING))

    monkeypatch.setattr(World, "indexer", property(showing))
    world.put(KEY, wheel("foo").content)
    return world


def event(world: World, principal: str, key: str = KEY) -> ObjectEvent:
    """The event of the upload of a file that is there."""
    stored = world.storage.head(BUCKET, key)
    return ObjectEvent(BUCKET, key, stored.last_modified, principal, etag=stored.etag)


def pass_time(world: World) -> None:
    """Let some seconds go by, in which somebody else uses the bucket."""
    for _ in range(9):
        world.put("elsewhere", b"")


def deliver(world: World, *events: ObjectEvent) -> list[batch.Result]:
    """Invoke the indexer with one message of these events."""
    results = batch.process([Message(events, id="1")], world.indexer, map)
    assert batch.failed([], results) == {}
    return results


def uploader(world: World) -> str | None:
    """Return the file's entry on the JSON page."""
    [file] = world.json("foo/")["files"]
    said = file.get("_uploader")
    return None if said is None else str(said)


def test_the_uploader_is_on_the_pages(shown: World) -> None:
    """The event's principal is the uploader of its file only."""
    deliver(shown, event(shown, ALICE))
    assert uploader(shown) == ALICE
    assert f"by {ALICE}" in shown.html("foo/")
    assert shown.differences() == []


def test_an_event_of_the_file_may_come_later(shown: World) -> None:
    """Another event may have made the function list the file before."""
    deliver(shown, ObjectEvent(BUCKET, KEY))
    assert uploader(shown) is None
    deliver(shown, event(shown, ALICE))
    assert uploader(shown) == ALICE


def test_it_is_carried_on(shown: World) -> None:
    """By doubled events, later uploads, and rebuilds that read everything."""
    deliver(shown, event(shown, ALICE))
    deliver(shown, event(shown, ALICE), event(shown, ALICE))
    deliver(shown, event(shown, BOB))  # somebody has uploaded the same content since, or before
    assert uploader(shown) == ALICE
    shown.command("rebuild", fresh=True)
    shown.drain()
    assert uploader(shown) == ALICE


@pytest.mark.parametrize(
    "changes",
    [
        {"etag": "another"},
        {"etag": None},
        {"time": datetime(2020, 1, 1, tzinfo=UTC)},
        {"removed": True},
        {"principal": None},
        {"principal": "AWS:AROAEXAMPLE:indexer"},
        {"principal": "x" * 300},
    ],
)
def test_other_events_say_nothing(shown: World, changes: dict[str, Any]) -> None:
    """Of another version, of an earlier upload of the same one, or of the function's own copy."""
    deliver(shown, replace(event(shown, ALICE), **changes))
    assert uploader(shown) is None


def test_two_uploaders_are_none(shown: World) -> None:
    """And a repeated event does not decide it later."""
    deliver(shown, event(shown, ALICE), event(shown, BOB))
    assert uploader(shown) == ""
    assert " by AWS" not in shown.html("foo/")
    deliver(shown, event(shown, ALICE))
    assert uploader(shown) == ""


def test_an_overwritten_file_has_its_own_uploader(shown: World) -> None:
    """Also if the event of the first upload is the last one to come, or the new one never does."""
    first = event(shown, ALICE)
    deliver(shown, first)
    shown.put(KEY, wheel("foo", "1.0", "Summary: new").content)
    deliver(shown, replace(first, time=None))
    assert uploader(shown) is None
    deliver(shown, event(shown, BOB), first)
    assert uploader(shown) == BOB


def test_the_same_content_again(shown: World) -> None:
    """A late event of the first upload is not about the second one, though its ETag is the same."""
    first = event(shown, ALICE)
    pass_time(shown)
    shown.put(KEY, wheel("foo").content)
    deliver(shown, first)
    assert uploader(shown) is None
    deliver(shown, event(shown, BOB), first)
    assert uploader(shown) == BOB


def test_pages_keep_it_to_themselves_by_default(shown: World, world: World) -> None:
    """By default, no page has uploaders, nor the JSON page, which every reader can see."""
    deliver(shown, event(shown, ALICE))
    pages = replace(shown.indexer.pages, site=Site())
    batch.process(
        [Message((event(shown, ALICE),), id="1")], replace(shown.indexer, pages=pages), map
    )
    assert uploader(world) is None


def test_a_moved_file_keeps_its_uploader(shown: World) -> None:
    """The event of the copy names the function; an event of its own names the uploader."""
    dropped = shown.put("bar-1.0-py3-none-any.whl", wheel("bar").content)
    results = deliver(shown, event(shown, ALICE, dropped))
    moved = f"bar/{dropped}"
    deliver(shown, event(shown, "AWS:AROAEXAMPLE:indexer", moved))
    [body] = uploads_of_moved(results, shown.storage)
    [message] = parse(body)
    assert message.objects[0].key == moved
    deliver(shown, *message.objects)
    [file] = shown.json("bar/")["files"]
    assert file["_uploader"] == ALICE


def test_a_file_that_was_there_already_is_not_the_uploaders(shown: World) -> None:
    """A misplaced copy of a listed file does not change the listed file's uploader."""
    pass_time(shown)
    dropped = shown.put(KEY.removeprefix("foo/"), wheel("foo").content)
    results = deliver(shown, event(shown, BOB, dropped))
    assert list(uploads_of_moved(results, shown.storage)) == []
    elsewhere = deliver(shown, ObjectEvent(BUCKET, "nowhere.zip"))
    assert list(uploads_of_moved(elsewhere, shown.storage)) == []


def test_a_moved_file_that_was_overwritten_is_not_the_uploaders(shown: World) -> None:
    """Its ETag is another one."""
    dropped = shown.put("bar-1.0-py3-none-any.whl", wheel("bar").content)
    results = deliver(shown, event(shown, ALICE, dropped))
    shown.put(f"bar/{dropped}", wheel("bar", "1.0", "Summary: other").content)
    assert list(uploads_of_moved(results, shown.storage)) == []
