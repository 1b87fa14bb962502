"""Objects that other tools remove: generated ones are restored, markers follow their files."""

import pytest

from lambda_indexer.events import batch
from lambda_indexer.events.messages import Message, ObjectEvent
from lambda_indexer.events.work import causes_of
from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.page_store import Pages
from tests.factories import sdist, wheel
from tests.fakes import MemoryStorage
from tests.unit.indexer.conftest import BUCKET, World
from tests.unit.indexer.regenerating import lose

FOO = "foo/foo-1.0-py3-none-any.whl"


@pytest.fixture
def busy(world: World) -> World:
    """Provide two indexes, one of them declared, with a few projects."""
    world.prefixes = frozenset({"team/"})
    world.add("foo/", wheel("foo"))
    world.add("bar/", sdist("bar"))
    world.add("team/foo/", wheel("foo"))
    world.add("other/foo/", wheel("foo"))
    assert world.differences() == []
    return world


@pytest.mark.parametrize(
    "keys",
    [
        ["foo/index.json"],
        ["foo/"],
        ["foo/", "foo/index.json", f"{FOO}.metadata"],
        [f"{FOO}.metadata"],
        ["index.json"],
        ["index.html"],
        ["index.json", "index.html"],
        ["team/index.json"],
        ["team/"],
        ["team/", "team/index.json"],
        ["other/"],
        ["other/index.json", "other/"],
    ],
)
def test_what_somebody_removes_comes_back(busy: World, keys: list[str]) -> None:
    """Removed objects are restored with the same bytes, as after `aws s3 sync --delete`."""
    before = {key: stored.body for key, stored in busy.storage.objects.items()}
    lose(busy, *keys)
    assert {key: stored.body for key, stored in busy.storage.objects.items()} == before
    assert busy.differences() == []


def test_everything_generated_is_removed(busy: World) -> None:
    """All pages and metadata files may be removed at once."""
    before = {key: stored.body for key, stored in busy.storage.objects.items()}
    lose(busy, *[key for key in busy.storage.keys(BUCKET) if not key.endswith((".whl", ".gz"))])
    assert {key: stored.body for key, stored in busy.storage.objects.items()} == before


def test_what_the_function_removes_itself_makes_no_loop(busy: World) -> None:
    """The events of its own deletions cause no writes."""
    gone: list[str] = []
    busy.storage.changed = gone.append
    busy.storage.remove(BUCKET, FOO)
    busy.invoke(FOO)
    generated = [key for key in gone if key != FOO and not key.startswith("index.")]
    assert sorted(generated) == ["foo/", f"{FOO}.metadata", "foo/index.json"]
    version = busy.storage.version
    messages = [
        Message((ObjectEvent(BUCKET, key, removed=True),), id=str(number))
        for number, key in enumerate(generated)
    ]
    assert batch.failed(messages, batch.process(messages, busy.indexer, map)) == {}
    assert busy.storage.version == version


def test_a_file_that_is_gone_takes_its_yank_marker_with_it(world: World) -> None:
    """The marker of a removed file is deleted, so that it does not apply to a later file."""
    world.add("foo/", wheel("foo"))
    world.add("foo/", wheel("foo", "2.0"))
    world.index(world.put(f"{FOO}.yanked", b"oops"))
    world.storage.remove(BUCKET, FOO)
    world.index(FOO)
    assert f"{FOO}.yanked" not in world.storage.keys(BUCKET)
    world.add("foo/", wheel("foo", "1.0", "Summary: new"))
    assert [file.get("yanked") for file in world.json("foo/")["files"]] == [None, None]


def test_the_last_file_takes_its_yank_marker_with_it(world: World) -> None:
    """Nothing remains of the project."""
    world.add("foo/", wheel("foo"))
    world.index(world.put(f"{FOO}.yanked", b"oops"))
    world.storage.remove(BUCKET, FOO)
    world.index(FOO)
    assert [key for key in world.storage.keys(BUCKET) if key.startswith("foo/")] == []


def test_a_marker_goes_even_if_the_run_dies_after_it(world: World) -> None:
    """The page lists the file until the marker is deleted, so that a retry finds it."""
    world.add("foo/", wheel("foo"))
    world.add("foo/", wheel("foo", "2.0"))
    world.index(world.put(f"{FOO}.yanked", b"oops"))
    world.storage.remove(BUCKET, FOO)

    def die(operation: str, key: str) -> None:
        if (operation, key) == ("DELETE", f"{FOO}.yanked"):
            raise RuntimeError("killed")

    world.storage.before = die
    [result] = world.invoke(FOO)
    assert isinstance(result.outcome, RuntimeError)
    world.storage.before = lambda *_: None
    world.index(FOO)
    assert f"{FOO}.yanked" not in world.storage.keys(BUCKET)


def test_a_file_that_comes_back_meanwhile_keeps_its_marker(world: World) -> None:
    """The file is checked again before its marker is deleted."""
    world.add("foo/", wheel("foo"))
    world.index(world.put(f"{FOO}.yanked", b"oops"))
    world.storage.remove(BUCKET, FOO)

    def come_back(operation: str, key: str) -> None:
        if (operation, key) == ("HEAD", FOO) and FOO not in world.storage.keys(BUCKET):
            world.put("foo/", wheel("foo"))

    world.storage.before = come_back
    world.index(FOO)
    assert world.json("foo/")["files"][0]["yanked"] == "oops"


@pytest.mark.parametrize("index", ["", "team/", "other/"])
def test_a_root_page_that_was_started_anew_is_completed(busy: World, index: str) -> None:
    """Another run may write the root page before the event of its loss is handled."""
    before = busy.names(index)
    busy.storage.remove(BUCKET, f"{index}index.json")
    busy.add(f"{index}new/", wheel("new"))
    assert busy.names(index) == ["new"]
    event = ObjectEvent(BUCKET, f"{index}index.json", removed=True)
    messages = [Message((event,), id="0")]
    assert batch.failed(messages, batch.process(messages, busy.indexer, map)) == {}
    assert busy.names(index) == sorted([*before, "new"])


@pytest.mark.parametrize("number", [1, 120])
def test_a_refused_wheel_has_no_metadata_file(world: World, number: int) -> None:
    """It goes when the wheel is replaced by junk, whether the page shows its reason or not."""
    keys = [world.put("foo/", wheel("foo", f"1.{each}")) for each in range(number)]
    world.index(*keys)
    for key in keys:
        world.put(key, b"junk")
    world.index(*keys)
    assert [key for key in world.storage.keys(BUCKET) if key.endswith(".metadata")] == []
    assert world.differences() == []


def test_a_project_without_files_stays_on_a_new_root_page_until_its_page_goes(
    world: World,
) -> None:
    """A project with a page has a line on the root page until its own run removes both."""
    world.add("bar/", wheel("bar"))
    world.add("foo/", wheel("foo"))
    world.storage.remove(BUCKET, FOO)
    lose(world, "index.json")
    assert world.names() == ["bar", "foo"]
    world.index(FOO)
    assert world.names() == ["bar"]
    assert world.differences() == []


def test_a_project_that_is_removed_with_its_pages_is_forgotten_by_the_cdn(world: World) -> None:
    """After `aws s3 rm --recursive`, nobody knows which files the CDN may have cached."""
    world.add("foo/", wheel("foo"))
    lose(world, *[key for key in world.storage.keys(BUCKET) if key.startswith("foo/")])
    assert world.cdn.invalidated == [["/foo/*"]]


def test_what_the_function_removes_itself_is_not_lost() -> None:
    """Its runs know what they remove; anybody may have a session, but hardly of this name."""
    kinds = Kinds(Pages(MemoryStorage()))

    def lost(principal: str | None, session: str) -> bool:
        event = ObjectEvent(BUCKET, "foo/index.json", None, principal, removed=True)
        [cause] = causes_of([Message((event,))], kinds, session).values()
        return cause.trigger(0).lost

    assert not lost("AWS:AROAEXAMPLE:function", "function")
    assert lost("AWS:AROAEXAMPLE:somebody", "function")
    assert lost("AWS:AIDAEXAMPLE", "function")
    assert lost(None, "function")
    assert lost(None, "")
    assert lost("AWS:AROAEXAMPLE:", "")
