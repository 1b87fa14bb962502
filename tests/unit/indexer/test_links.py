"""Links between projects of an index, and from an index to those below it."""

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from lambda_indexer.errors import StorageError
from lambda_indexer.index.links import IndexNames
from lambda_indexer.index.places import Index
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World

if TYPE_CHECKING:
    from lambda_indexer.index.page_store import Pages

SITES = ("Requires-Dist: bar>=1", "Requires-Dist: Baz.Qux; extra == 'more'", "Requires-Dist: ???")


def links(world: World, key: str = "foo/") -> list[str]:
    """Return the projects that a page links as dependencies, after comparing HTML with JSON."""
    found = world.json(key).get("_about", {}).get("links", [])
    html = world.html(key)
    assert [html.count(f'data-href="../{name}/"') for name in found] == [1] * len(found)
    assert html.count('data-href="../') == len(found)
    return list(found)


def test_dependencies_of_the_same_index_are_links(world: World) -> None:
    """Others are text, and so are the project itself and projects of another index."""
    world.add("bar/", wheel("bar", "1.0"))
    world.add("team/baz-qux/", wheel("baz_qux", "1.0"))
    world.add("foo/", wheel("foo", "1.0", *SITES, "Requires-Dist: foo[more]; extra == 'all'"))
    assert links(world) == ["bar"]
    assert "Baz.Qux" in world.html("foo/")
    assert world.command("rebuild", fresh=True)["regenerated"] == 3
    world.drain()
    assert links(world) == ["bar"]


def test_the_usual_upload_takes_no_request_for_links(world: World) -> None:
    """The root page is read if a dependency was added, and not if one was removed or changed."""
    world.add("bar/", wheel("bar", "1.0"))
    world.add("foo/", wheel("foo", "1.0", *SITES))
    for version, requires, reads in (
        ("2.0", SITES, 2),
        ("3.0", ("Requires-Dist: bar>=2",), 2),
        ("4.0", (), 2),
        ("5.0", SITES, 3),
    ):
        key = world.put("foo/", wheel("foo", version, *requires))
        world.forget()
        world.index(key)
        assert world.storage.operations().count("GET") == reads, version
        assert links(world) == (["bar"] if requires else []), version


def test_a_rebuild_brings_links_up_to_date(world: World) -> None:
    """A project that comes or goes later is a link or a text after the daily rebuild."""
    world.add("foo/", wheel("foo", "1.0", *SITES))
    key = world.add("bar/", wheel("bar", "1.0"))
    assert links(world) == []
    assert world.command("verify")["count"] == 0
    answer = world.command("rebuild")
    assert (answer["count"], answer["regenerated"]) == (0, 1)
    world.drain()
    assert links(world) == ["bar"]
    assert world.command("rebuild")["regenerated"] == 0
    world.storage.remove(BUCKET, key)
    world.index(key)
    assert links(world) == ["bar"]
    assert world.command("rebuild", names=["foo"])["regenerated"] == 0  # it knows of no others
    world.command("rebuild")
    world.drain()
    assert links(world) == []
    assert world.differences() == []


def test_the_projects_of_a_rebuild_share_one_read_of_the_root_page(world: World) -> None:
    """Each reads its own page; the links of all of them take one request in each invocation.

    One of them has no page yet.
    """
    for name in ("foo", "qux"):
        world.add(f"{name}/", wheel(name, "1.0", *SITES))
    world.add("bar/", wheel("bar", "1.0"))
    world.put("new/", wheel("new", "1.0", *SITES))
    assert world.command("rebuild")["regenerated"] == 3
    world.forget()
    world.drain()
    reads = [key for operation, key in world.storage.calls if operation == "GET"]
    pages = [key for key in reads if key.endswith(".json")]
    assert sorted(pages) == ["foo/index.json", "index.json", "new/index.json", "qux/index.json"]
    assert [links(world, f"{name}/") for name in ("foo", "new", "qux")] == [["bar"]] * 3


def test_a_page_does_not_wait_for_its_links(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the root page cannot be read, a page keeps its links; a rebuild tries once."""
    world.add("bar/", wheel("bar", "1.0"))
    world.add("foo/", wheel("foo", "1.0", "Requires-Dist: bar"))
    tried = []
    read = IndexNames.read

    def refuse(index: Index) -> None:
        tried.append(index)
        raise StorageError("S3 is not available")

    def read_in_vain(names: IndexNames, _pages: object, index: Index) -> object:
        return read(names, cast("Pages", SimpleNamespace(read_json=refuse)), index)

    monkeypatch.setattr(IndexNames, "read", read_in_vain)
    world.add("foo/", wheel("foo", "2.0", *SITES))
    assert links(world) == ["bar"]
    world.add("new/", wheel("new", "1.0", "Requires-Dist: bar"))
    assert links(world, "new/") == []
    assert len(tried) == 2
    world.command("rebuild", fresh=True)
    world.drain()
    assert len(tried) == 3
    assert links(world) == ["bar"]


def test_a_root_page_links_the_indexes_below(world: World) -> None:
    """A rebuild finds them; an upload to the index keeps the links."""
    world.add("foo/", wheel("foo", "1.0"))
    world.add("team/foo/", wheel("foo", "1.0"))
    world.add("team/x/dev/foo/", wheel("foo", "1.0"))
    assert "team" not in world.html("index.html")
    assert world.command("verify")["count"] == 0
    assert world.command("rebuild")["summaries"] == 2
    for key, below in (("", ["team/", "team/x/dev/"]), ("team/", ["x/dev/"])):
        assert world.json(key)["_indexes"] == below
        html = world.html(key or "index.html")
        assert [html.count(f'<form action="{path}">') for path in below] == [1] * len(below)
    world.add("bar/", wheel("bar", "1.0"))
    assert world.json("")["_indexes"] == ["team/", "team/x/dev/"]
    assert world.command("rebuild")["summaries"] == 0
    assert world.differences() == []


def test_paths_that_somebody_wrote(world: World) -> None:
    """What is no path is left out, and the next rebuild restores the right ones."""
    world.add("foo/", wheel("foo", "1.0"))
    world.add("team/foo/", wheel("foo", "1.0"))
    page = world.json("") | {"_indexes": ["//evil.example/", "/x/", "a\n/", 1, None, "team"]}
    world.storage.upload(BUCKET, "index.json", json.dumps(page).encode())
    world.add("bar/", wheel("bar", "1.0"))
    assert "_indexes" not in world.json("")
    world.command("rebuild")
    world.drain()
    assert world.json("")["_indexes"] == ["team/"]
    assert "evil" not in world.html("index.html")


def test_a_path_of_odd_characters(world: World) -> None:
    """The link is relative and escaped, whatever somebody has called a directory."""
    world.add("foo/", wheel("foo", "1.0"))
    world.add("javascript:alert(1)/a b\u202e/foo/", wheel("foo", "1.0"))
    world.command("rebuild")
    html = world.html("index.html")
    assert '<form action="javascript%3Aalert%281%29/a%20b%E2%80%AE/">' in html
    assert "\u202e" not in html


def test_an_index_without_projects_links_those_below(world: World) -> None:
    """Its root page is written by a rebuild, and stays when the last index below goes."""
    key = world.add("team/foo/", wheel("foo", "1.0"))
    assert (BUCKET, "index.html") not in world.storage.objects
    world.command("rebuild")
    assert world.json("") == {"meta": {"api-version": "1.4"}, "projects": [], "_indexes": ["team/"]}
    assert '<form action="team/">' in world.html("index.html")
    assert world.differences() == []
    world.storage.remove(BUCKET, key)
    world.index(key)
    world.command("rebuild")
    assert '<form action="team/">' not in world.html("index.html")
    assert world.differences() == []


def test_a_page_of_somebody_else_is_not_replaced(world: World) -> None:
    """A bucket may have its own start page if no project is at its root."""
    world.storage.upload(BUCKET, "index.html", b"<h1>Our buckets</h1>")
    world.add("team/foo/", wheel("foo", "1.0"))
    assert world.command("rebuild")["summaries"] == 0
    world.drain()
    assert world.storage.body(BUCKET, "index.html") == b"<h1>Our buckets</h1>"
    assert (BUCKET, "index.json") not in world.storage.objects
