"""While an upstream is set, a name that this index has once had stays its own."""

import json
from typing import Any

import pytest

from lambda_indexer.errors import InvalidEventError
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World
from tests.unit.indexer.regenerating import lose

WHEEL = "foo-1.0-py3-none-any.whl"


@pytest.fixture
def keeping(world: World) -> World:
    """Provide a deployment with an upstream, and a project in an index."""
    world.keep_names = True
    return world


def page(world: World, key: str) -> dict[str, Any]:
    """Return a JSON page."""
    document: dict[str, Any] = json.loads(world.storage.objects[BUCKET, key].body)
    return document


def names(world: World, prefix: str = "") -> list[str]:
    """Return the names on a root page."""
    return [each["name"] for each in page(world, f"{prefix}index.json")["projects"]]


def empty(world: World, prefix: str = "") -> None:
    """Publish foo in an index, and remove its only file."""
    key = world.add(f"{prefix}foo/", wheel("foo"))
    world.storage.remove(BUCKET, key)
    world.index(key)


@pytest.mark.parametrize("prefix", ["", "team/"])
def test_the_last_file_leaves_an_empty_page(keeping: World, prefix: str) -> None:
    """Both pages list no files, and the root page keeps the name."""
    empty(keeping, prefix)

    document = page(keeping, f"{prefix}foo/index.json")
    assert (document["name"], document["versions"], document["files"]) == ("foo", [], [])
    assert b"No files are listed" in keeping.storage.objects[BUCKET, f"{prefix}foo/"].body
    assert f"{prefix}foo/{WHEEL}.metadata" not in {key for _, key in keeping.storage.objects}
    assert names(keeping, prefix) == ["foo"]
    assert keeping.differences() == []


def test_nothing_is_written_for_an_empty_page_again(keeping: World) -> None:
    """Further events of a project without files cause no writes."""
    empty(keeping)
    before = dict(keeping.storage.objects)

    keeping.index(f"foo/{WHEEL}")

    assert keeping.storage.objects == before


def test_a_file_comes_back(keeping: World) -> None:
    """After an upload, the page lists the file again."""
    empty(keeping)

    keeping.add("foo/", wheel("foo", "2.0"))

    assert page(keeping, "foo/index.json")["versions"] == ["2.0"]
    assert keeping.differences() == []


def test_a_name_that_was_never_listed_is_not_kept(keeping: World) -> None:
    """A file that is removed before it is indexed does not keep its name."""
    key = keeping.put("foo/", wheel("foo"))
    keeping.storage.remove(BUCKET, key)

    keeping.index(key)

    assert not [key for _, key in keeping.storage.objects if key.startswith("foo/")]
    assert keeping.differences() == []


@pytest.mark.parametrize(
    "lost", [["foo/index.json"], ["foo/"], ["foo/", "foo/index.json"]], ids=["json", "html", "both"]
)
def test_a_lost_page_is_made_again(keeping: World, lost: list[str]) -> None:
    """A removed empty page is a difference, and is restored."""
    empty(keeping)
    before = dict(keeping.storage.objects)
    for key in lost:
        keeping.storage.remove(BUCKET, key)

    assert keeping.differences()
    keeping.command("rebuild")
    keeping.drain()

    bodies = {key: stored.body for key, stored in keeping.storage.objects.items()}
    assert bodies == {key: stored.body for key, stored in before.items()}
    assert keeping.differences() == []


def test_a_lost_root_page_is_made_again(keeping: World) -> None:
    """The name is restored from the empty page."""
    empty(keeping)
    for key in ("index.json", "index.html"):
        keeping.storage.remove(BUCKET, key)

    keeping.command("rebuild")
    keeping.drain()

    assert names(keeping) == ["foo"]
    assert keeping.differences() == []


def test_without_an_upstream_the_empty_page_goes(keeping: World) -> None:
    """Without an upstream, kept names are a difference, and are removed."""
    empty(keeping)
    keeping.keep_names = False

    assert keeping.differences() == [
        "foo/ has a page but no files",
        "foo/ is only on the root page",
    ]
    keeping.command("rebuild")
    keeping.drain()

    assert names(keeping) == []
    assert keeping.differences() == []


@pytest.mark.parametrize("prefix", ["", "team/"])
def test_forget(keeping: World, prefix: str) -> None:
    """The pages and the name are removed, and stay so."""
    empty(keeping, prefix)

    answer = keeping.command("forget", prefix=prefix, names=["Foo"])

    assert answer == {"forgotten": ["foo"], "kept": []}
    assert not [key for _, key in keeping.storage.objects if "foo" in key]
    keeping.index(f"{prefix}foo/{WHEEL}")
    # Below an undeclared prefix the index went with its last project.
    assert prefix or names(keeping) == []
    assert prefix == "" or (BUCKET, f"{prefix}index.json") not in keeping.storage.objects
    assert keeping.differences() == []


def test_forget_leaves_a_project_with_files(keeping: World) -> None:
    """A project with a file is kept, even if it is not listed, or just being uploaded."""
    keeping.add("foo/", wheel("foo"))
    keeping.index(keeping.put("bar/bar-1.0.zip", b"junk"))
    keeping.put("new/", wheel("new"))
    before = dict(keeping.storage.objects)

    answer = keeping.command("forget", names=["foo", "bar", "new", "nothing"])

    assert answer == {"forgotten": ["nothing"], "kept": ["bar", "foo", "new"]}
    assert before.keys() <= keeping.storage.objects.keys()
    assert names(keeping) == ["bar", "foo", "new"]


def test_forget_needs_names(keeping: World) -> None:
    """Without names, nothing is removed."""
    with pytest.raises(InvalidEventError, match="names"):
        keeping.command("forget")


def test_names_and_digests(keeping: World) -> None:
    """Each name is returned once, including kept ones, with the digests on the pages."""
    keeping.prefixes = frozenset({"team/"})
    keeping.add("foo/", wheel("foo"))
    keeping.add("team/foo/", wheel("foo", "2.0"))
    kept = keeping.add("team/bar/", wheel("bar"))
    keeping.storage.remove(BUCKET, kept)
    keeping.index(kept)

    digests = keeping.command("digests", names=["Foo", "nothing"])["digests"]

    assert digests == sorted(
        file["hashes"]["sha256"]
        for key in ("foo/index.json", "team/foo/index.json")
        for file in page(keeping, key)["files"]
    )
    assert keeping.command("names") == {"names": ["bar", "foo"]}
    assert keeping.command("names", prefix="team") == {"names": ["bar", "foo"]}
    with pytest.raises(InvalidEventError, match="names"):
        keeping.command("digests")


@pytest.mark.parametrize("lost", [["index.json"], ["index.json", "foo/index.json"]], ids=str)
def test_a_name_is_kept_without_its_line_on_the_root_page(keeping: World, lost: list[str]) -> None:
    """The empty page alone keeps it, in either form."""
    empty(keeping)
    for key in lost:
        keeping.storage.remove(BUCKET, key)

    keeping.index(f"foo/{WHEEL}")

    assert page(keeping, "foo/index.json")["files"] == []


def test_a_lost_root_page_gets_kept_names_back(keeping: World) -> None:
    """The event of its removal finds the empty page."""
    empty(keeping)
    keeping.add("bar/", wheel("bar"))

    lose(keeping, "index.json")

    assert names(keeping) == ["bar", "foo"]
