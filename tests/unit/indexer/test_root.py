"""Updates of root pages: the deciding run, and the number of requests."""

import json
from collections import Counter
from typing import Any

import pytest
from packaging.utils import NormalizedName

from lambda_indexer.errors import StorageError
from lambda_indexer.index.declarations import resolve
from lambda_indexer.index.outcome import Trigger
from lambda_indexer.index.places import Project
from lambda_indexer.index.root import RootUpdater
from lambda_indexer.index.root_writer import RootUpdate
from lambda_indexer.model import RootPage
from lambda_indexer.pages.parsing import parse_page
from lambda_indexer.pages.rendering import root_json
from lambda_indexer.ports import LockItem
from s3pypi.layout import DirectoryPath
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World


def test_the_highest_run_decides_for_each_name() -> None:
    """Runs are compared as numbers, separately for each name."""
    assert resolve({"+a@9", "-a@10", "-b@9", "+b@10", "+c-d@1"}) == {
        "a": False,
        "b": True,
        "c-d": True,
    }


def test_the_later_attempt_of_a_run_decides() -> None:
    """After a conflict, a run tries again, and its last attempt decides."""
    assert resolve({"+a@5", "-a@5.1", "-b@5.2", "+b@5.10", "+c@6", "-c@5.9"}) == {
        "a": False,
        "b": True,
        "c": True,
    }


@pytest.mark.parametrize("trigger", [Trigger(redelivered=True), Trigger(requested=True)])
def test_a_root_page_that_is_out_of_reach_holds_up_no_page_on_it(
    world: World, trigger: Trigger
) -> None:
    """The run fails, and its message is retried, but the project's page is right already."""
    world.add("foo/", wheel("foo"))
    world.put("foo/", wheel("foo", "2.0"))

    def refuse(operation: str, key: str) -> None:
        if key == "index.json":
            raise StorageError(f"{operation} {key}")

    world.storage.before = refuse
    for _ in range(2):  # the second one is a recovery run
        with pytest.raises(StorageError):
            world.indexer.regenerate(Project(BUCKET, DirectoryPath("foo/")), trigger)
    assert len(world.filenames("foo/")) == 2


def test_each_attempt_of_a_run_has_its_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attempts of a run have different numbers, because their results may differ."""
    key = world.put("foo/", wheel("foo"))
    update, numbers = RootUpdater.update, list[str]()

    def note(self: RootUpdater, project: Project, run: str, **arguments: Any) -> RootUpdate:
        numbers.append(run)
        return update(self, project, run, **arguments)

    def interfere(operation: str, name: str) -> None:
        if (operation, name) == ("PUT", "foo/index.json") and len(numbers) < 3:
            world.storage.upload(BUCKET, name, b"{}", etag=f"another {len(numbers)}")

    monkeypatch.setattr(RootUpdater, "update", note)
    world.storage.before = interfere
    world.index(key)
    run = world.table.items["bucket/foo"].run
    assert numbers == [f"{run}", f"{run}.1", f"{run}.2"]


@pytest.mark.parametrize(
    ("item", "agrees"),
    [
        (LockItem(), True),
        (LockItem(owner="another"), False),
        (LockItem(dirty="abandoned"), False),
        (LockItem(pending=frozenset({"-foo@9"})), False),
        (LockItem(pending=frozenset({"+foo@9"})), False),
        (LockItem(pending=frozenset({"-bar@9"})), True),
    ],
)
def test_a_root_page_that_may_still_change_does_not_agree(
    world: World, item: LockItem, *, agrees: bool
) -> None:
    """A root page that another run may be writing is not trusted."""
    world.add("foo/", wheel("foo"))
    world.table.items["bucket/"] = item
    project = Project(BUCKET, DirectoryPath("foo/"))
    assert world.indexer.root.agrees(project, present=True) == agrees
    assert not world.indexer.root.agrees(project, present=False)


@pytest.mark.parametrize("projects", [1, 50])
def test_requests_do_not_grow_with_the_number_of_projects(world: World, projects: int) -> None:
    """A new project takes the same number of requests in an index of any size."""
    keys = [world.put(f"p{number}/", wheel(f"p{number}")) for number in range(projects)]
    world.index(*keys)
    world.forget()
    world.add("new/", wheel("new"))
    assert Counter(world.storage.operations()) == {"LIST": 1, "GET": 3, "HEAD": 1, "PUT": 5}
    assert Counter(name for name, _ in world.table.calls) == {
        "acquire": 2,
        "release": 2,
    }
    assert world.names() == sorted([*(f"p{number}" for number in range(projects)), "new"])


def test_a_project_that_comes_and_goes_and_comes(world: World) -> None:
    """The root page follows each change."""
    foo = wheel("foo")
    key = world.add("foo/", foo)
    for _ in range(2):
        world.storage.remove(BUCKET, key)
        world.index(key)
        assert world.names() == []
        world.add("foo/", foo)
        assert world.names() == ["foo"]
    assert world.table.items["bucket/"].pending == frozenset()


def test_an_entry_of_the_dead_is_seen_to_by_the_next(world: World) -> None:
    """The next run applies entries of an ended run, unless a later run overrides them."""
    world.table.declare("bucket/", "+foo@1", 0)
    world.table.declare("bucket/", "+ghost@5", 0)
    world.table.declare("bucket/", "-ghost@6", 0)
    world.add("bar/", wheel("bar"))
    assert world.names() == ["bar", "foo"]
    assert world.table.items["bucket/"].pending == frozenset()


def test_a_root_page_that_cannot_be_read_is_not_overwritten(world: World) -> None:
    """If the root page cannot be read, it is kept, and the message fails."""
    world.add("foo/", wheel("foo"))
    key = world.put("bar/", wheel("bar"))

    def refuse(operation: str, name: str) -> None:
        if (operation, name) == ("GET", "index.json"):
            raise StorageError("AccessDenied")

    world.storage.before = refuse
    [result] = world.invoke(key)
    assert isinstance(result.outcome, StorageError)
    assert world.names() == ["foo"]
    assert "bar/index.json" not in world.storage.keys(BUCKET)
    world.storage.before = lambda *_: None
    world.index(key)
    assert world.names() == ["bar", "foo"]


def test_another_writer_of_the_root_is_not_overwritten(world: World) -> None:
    """Names that another writer adds meanwhile are kept."""
    world.add("foo/", wheel("foo"))
    key = world.put("bar/", wheel("bar"))
    interfered: list[str] = []

    def interfere(operation: str, name: str) -> None:
        if (operation, name) == ("PUT", "index.json") and not interfered:
            interfered.append(name)
            body = world.storage.body(BUCKET, name).replace(b'"foo"', b'"zoo"')
            world.storage.upload(BUCKET, name, body)

    world.storage.before = interfere
    world.index(key)
    assert world.names() == ["bar", "zoo"]


@pytest.mark.parametrize("name", ["a\nb", "a\n", "\n", "", "-a", "a/", "é", 1, None, ["a"], {}])
def test_a_root_page_keeps_only_what_can_be_a_name(name: object) -> None:
    """Invalid entries are removed, and other names kept."""
    projects = [{"name": "good"}, {"name": name}, {"no": "name"}, {"name": "Also_Good"}]
    page = parse_page(json.dumps({"projects": projects}).encode())
    assert page == RootPage.of(map(NormalizedName, ("good", "also-good")))
    page = parse_page(json.dumps({"projects": projects[:2]}).encode())
    assert page == RootPage.of([NormalizedName("good")])


def test_a_request_checks_the_root_page(world: World) -> None:
    """A rebuild restores the line of a project whose own pages are right."""
    world.add("foo/", wheel("foo"))
    root = RootPage.of([NormalizedName("bar")])
    world.storage.upload(BUCKET, "index.json", root_json(root))
    world.indexer.regenerate(Project(BUCKET, DirectoryPath("foo/")), Trigger(requested=True))
    assert world.names() == ["bar", "foo"]


def test_a_fresh_run_writes_unchanged_pages(world: World) -> None:
    """A comparison of their bytes would not show an outdated header."""
    world.add("foo/", wheel("foo"))
    world.forget()
    fresh = Trigger(requested=True, fresh=True)
    world.indexer.regenerate(Project(BUCKET, DirectoryPath("foo/")), fresh)
    assert {("PUT", "foo/index.json"), ("PUT", "foo/")} <= set(world.storage.calls)
