"""Kinds of directories depend on their content, and not on the order of events."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_indexer.errors import LeaseLostError
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World
from tests.unit.indexer.regenerating import lose

FILES = {
    "team/team-1.0-py3-none-any.whl": wheel("team"),
    "team/foo-2.0-py3-none-any.whl": wheel("foo", "2.0"),
    "team/foo/foo-1.0-py3-none-any.whl": wheel("foo"),
    "team/foo/bar-1.0-py3-none-any.whl": wheel("bar"),
    "team/bar/bar-1.0-py3-none-any.whl": wheel("bar"),
    "team/bar/foo/foo-1.0-py3-none-any.whl": wheel("foo"),
    "bar/bar-1.0-py3-none-any.whl": wheel("bar"),
}
TEAM, FOO = "team/team-1.0-py3-none-any.whl", "team/foo/foo-1.0-py3-none-any.whl"


def pages(world: World) -> dict[str, Any]:
    """Return the content of all JSON pages, without times, and the keys of HTML pages."""
    found: dict[str, Any] = {}
    for key in world.storage.keys(BUCKET):
        if key.endswith("index.json"):
            page = json.loads(world.storage.body(BUCKET, key))
            if "projects" in page:
                found[key] = [project["name"] for project in page["projects"]]
            else:
                files = [file["filename"] for file in page["files"]]
                found[key] = (files, [bad["filename"] for bad in page["_quarantined"]])
        elif key.endswith(("/", "index.html")):
            found[key] = "HTML"
    return found


def rebuilt(world: World) -> dict[str, Any]:
    """Return the pages of a rebuild of the same distributions in an empty bucket."""
    other = World(prefixes=world.prefixes)
    for key in world.storage.keys(BUCKET):
        if key.endswith(".whl"):
            other.put(key, world.storage.body(BUCKET, key))
    before = [key for key in other.storage.keys(BUCKET) if key.endswith(".whl")]
    for _ in range(3):
        other.command("rebuild")
        other.drain()
    assert [key for key in other.storage.keys(BUCKET) if key.endswith(".whl")] == before
    return pages(other)


def put(world: World, *keys: str) -> None:
    """Put files one by one, and index each."""
    for key in keys:
        world.add(key, FILES[key])


def remove(world: World, *keys: str) -> None:
    """Remove files one by one, and index each."""
    for key in keys:
        world.storage.remove(BUCKET, key)
        world.index(key)


@pytest.mark.parametrize("order", [(TEAM, FOO), (FOO, TEAM)])
def test_a_project_of_its_own_name_hides_what_lies_below_it(
    world: World, order: tuple[str, ...]
) -> None:
    """In any order, the index below a project is hidden, reported, and restored later."""
    put(world, *order)
    assert world.names() == ["team"]
    assert world.filenames("team/") == [FILES[TEAM].filename]
    assert world.filenames("team/foo/") == [FILES[FOO].filename]
    assert world.differences() == [
        "team/foo/ is hidden: team/ above it is a project; move one of them"
    ]
    remove(world, TEAM)
    assert (world.names(), world.names("team/")) == ([], ["foo"])
    assert world.differences() == []
    put(world, TEAM)
    remove(world, FOO)
    assert (world.names(), world.differences()) == (["team"], [])
    remove(world, TEAM)
    assert pages(world) == {"index.json": [], "index.html": "HTML"}


def test_a_declared_prefix_is_an_index_whatever_lies_in_it() -> None:
    """No content below a declared index makes it a project."""
    world = World(prefixes=frozenset({"team/"}))
    put(world, TEAM)
    assert world.names("team/") == ["team"]
    assert world.filenames("team/team/") == [FILES[TEAM].filename]
    assert "index.json" not in world.storage.keys(BUCKET)
    assert world.differences() == []


def test_an_index_that_was_declared_late_is_put_right_by_a_rebuild() -> None:
    """The former project's files are moved into the new index."""
    world = World()
    put(world, TEAM, FOO)
    world.prefixes = frozenset({"team/"})
    assert "team/ is an index with a project's page" in world.differences()
    for _ in range(2):
        world.command("rebuild")
        world.drain()
    assert world.differences() == []
    assert world.names("team/") == ["foo", "team"]
    assert world.names() == []


def test_other_projects_files_are_shown_and_filed_once_there_is_an_index(world: World) -> None:
    """Files of other projects do not prevent a directory from becoming an index."""
    flat = "team/foo-2.0-py3-none-any.whl"
    put(world, flat)
    assert pages(world) == {"team/index.json": ([], [FILES[flat].filename]), "team/": "HTML"}
    assert world.differences() == []
    put(world, FOO)
    assert world.names("team/") == ["foo"]
    assert sorted(world.filenames("team/foo/")) == sorted(
        [FILES[FOO].filename, FILES[flat].filename]
    )
    assert world.differences() == []


def test_an_empty_undeclared_root_page_goes(world: World) -> None:
    """An empty root page of an undeclared index is deleted."""
    put(world, FOO)
    page = world.storage.body(BUCKET, "team/index.json")
    remove(world, FOO)
    assert pages(world) == {}
    world.storage.upload(BUCKET, "team/index.json", page)
    assert world.differences() == ["team/ has a root page and is not an index"]
    world.command("rebuild")
    world.drain()
    assert (pages(world), world.differences()) == ({}, [])


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_every_order_ends_in_the_same_pages(data: st.DataObject) -> None:
    """Any order of events results in the same pages."""
    prefixes = data.draw(st.sampled_from([frozenset[str](), frozenset({"team/"})]))
    world = World(prefixes=prefixes)
    events: list[str] = []
    for _ in range(data.draw(st.integers(1, 8))):
        key = data.draw(st.sampled_from(sorted(FILES)))
        if key in world.storage.keys(BUCKET):
            world.storage.remove(BUCKET, key)
        else:
            world.put(key, FILES[key])
        events.append(key)
        for _ in range(data.draw(st.integers(0, len(events)))):
            world.index(events.pop(data.draw(st.integers(0, len(events) - 1))))
    while events:
        world.index(events.pop(data.draw(st.integers(0, len(events) - 1))))
    left = [line for line in world.differences() if "is hidden" not in line]
    assert [line for line in left if "outside of a project" not in line] == []
    assert _without_empty(pages(world), prefixes) == _without_empty(rebuilt(world), prefixes)


def _without_empty(found: dict[str, Any], prefixes: Iterable[str]) -> dict[str, Any]:
    """Leave out root pages without projects, where an index is one whatever lies in it.

    They stay when the last project goes, and a rebuild writes them if there is an index below.
    """
    empty = [path for path in ("", *prefixes) if found.get(f"{path}index.json") == []]
    kept = {key for path in empty for key in (f"{path}index.json", path or "index.html")}
    return {key: page for key, page in found.items() if key not in kept}


def test_an_index_that_ends_leaves_a_page_of_what_nobody_could_move(world: World) -> None:
    """The directory above gets its page in the run that removes the last project."""
    put(world, FOO)
    refused = world.put("team/", wheel("foo", "1.0", "Summary: different"))
    world.index(refused)
    remove(world, FOO)
    assert pages(world) == {"team/index.json": ([], [FILES[FOO].filename]), "team/": "HTML"}
    assert world.differences() == []


def test_an_index_keeps_no_sidecars_of_the_project_that_it_was(world: World) -> None:
    """The metadata file goes with the project, although an index takes the place of its page."""
    put(world, TEAM, FOO)
    remove(world, TEAM)
    assert world.names("team/") == ["foo"]
    assert [key for key in world.storage.keys(BUCKET) if key.endswith(".metadata")] == [
        f"{FOO}.metadata"
    ]


@pytest.fixture
def late() -> World:
    """Provide a project whose directory is declared as an index afterwards."""
    world = World()
    put(world, TEAM)
    world.prefixes = frozenset({"team/"})
    return world


def test_an_index_that_was_declared_late_does_not_hide_its_projects(late: World) -> None:
    """The first event below it replaces the project's page, and moves its files."""
    put(late, FOO)
    assert late.names("team/") == ["foo", "team"]
    assert late.filenames("team/team/") == [FILES[TEAM].filename]


def test_an_index_that_was_declared_late_is_on_no_root_page(late: World) -> None:
    """It is a difference there, and a root page that is written anew leaves it out."""
    assert "team/ is only on the root page" in late.differences()
    lose(late, "index.json")
    assert late.names() == []


def test_an_index_that_was_declared_late_keeps_no_projects_name() -> None:
    """Names of projects are kept, but not that of an index."""
    world = World(keep_names=True)
    put(world, TEAM)
    world.prefixes = frozenset({"team/"})
    world.storage.remove(BUCKET, TEAM)
    for _ in range(2):
        world.command("rebuild")
        world.drain()
    assert (world.names(), world.names("team/")) == ([], [])
    assert world.differences() == []


def test_a_name_that_is_too_long_is_on_no_root_page(world: World) -> None:
    """A root page that is written anew lists only directories that have pages."""
    put(world, "bar/bar-1.0-py3-none-any.whl")
    name = "f" * 129
    world.put(f"{name}/{name}-1.0.zip", b"")
    lose(world, "index.json")
    assert world.names() == ["bar"]


def test_a_complete_root_page_is_compared_once_more(world: World) -> None:
    """A project may disappear before the write, after its own run updated the root page."""
    bar = "team/bar/bar-1.0-py3-none-any.whl"
    put(world, "team/foo-2.0-py3-none-any.whl")
    for key in (FOO, bar):
        world.put(key, FILES[key])

    def interfere(operation: str, key: str) -> None:
        if (operation, key) == get and world.storage.calls.count(listed) == 2:
            world.storage.before = lambda *_: None
            for lock in ("bucket/team", "bucket/team/"):
                item = world.table.items[lock]
                world.table.items[lock] = replace(item, owner=None, dirty="forced")
            remove(world, bar)
            assert world.names("team/") == ["foo"]

    # Listed to see that the directory is an index, and again for its complete root page.
    listed, get = ("LIST", "team/bar/"), ("GET", "team/index.json")
    world.storage.before = interfere
    [result] = world.invoke(FOO)
    assert isinstance(result.outcome, LeaseLostError)
    world.index(FOO)
    assert world.names("team/") == ["foo"]


@pytest.mark.parametrize("first", [TEAM, "team/bar/bar-1.0-py3-none-any.whl"])
def test_a_file_that_is_gone_leaves_nothing_when_its_directory_becomes_an_index(
    world: World, first: str
) -> None:
    """Its yank and its cached copy go, whichever event is handled first."""
    put(world, FOO, TEAM)
    world.index(world.put(f"{TEAM}.yanked", b"oops"))
    world.storage.remove(BUCKET, TEAM)
    world.put("team/bar/", wheel("bar"))
    world.index(first)
    world.index(TEAM, "team/bar/bar-1.0-py3-none-any.whl")
    assert world.names("team/") == ["bar", "foo"]
    assert world.cdn.invalidated == [[f"/{TEAM}", f"/{TEAM}.metadata"]]
    assert f"{TEAM}.yanked" not in world.storage.keys(BUCKET)
    put(world, TEAM)
    assert "yanked" not in world.json("team/")["files"][0]


def test_an_index_that_ends_while_its_root_page_is_written(world: World) -> None:
    """The run starts again, and writes the page of what is left."""
    left = world.put("team/foo-1.0-beta.tar.gz", b"junk")
    world.index(left)
    world.put(FOO, FILES[FOO])

    def remove_foo(operation: str, key: str) -> None:
        if (operation, key) == ("HEAD", "team/"):  # the root page is about to be written
            world.storage.before = lambda *_: None
            world.storage.remove(BUCKET, FOO)

    world.storage.before = remove_foo
    lose(world, "team/index.json")
    world.index(FOO)
    assert pages(world) == {"team/index.json": ([], ["foo-1.0-beta.tar.gz"]), "team/": "HTML"}
    assert world.differences() == []
