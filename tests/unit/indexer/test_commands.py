"""verify and rebuild: all differences are found and repaired."""

import json
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache

import pytest

from lambda_indexer.errors import InvalidEventError, StorageError
from lambda_indexer.pages.rendering import SEAL_KEY, sealed
from tests.factories import sdist, wheel
from tests.fakes import MemoryLockTable
from tests.unit.indexer.conftest import BUCKET, World

FOO = "foo/foo-1.0-py3-none-any.whl"


@cache
def first_busy() -> World:
    """Return the world of which each test gets a copy."""
    world = World()
    world.add("foo/", wheel("foo"))
    world.add("foo/", sdist("foo", "2.0"))
    world.index(world.put("foo/foo-3.0.zip", b"junk"))
    world.index(world.put(f"{FOO}.yanked", b"oops"))
    world.add("bar/", wheel("bar"))
    world.index(world.put("bar/.project-status", b'{"status": "quarantined"}'))
    world.add("team/foo/", wheel("foo"))
    world.put("foo/README.md", b"foreign")
    world.put(".s3pypi/errors/404.html", b"<!DOCTYPE html>")  # Terraform puts it there
    world.command("rebuild")  # which links the index below
    return world


@pytest.fixture
def busy() -> World:
    """Provide two indexes with a few projects and no differences."""
    first = first_busy()
    table = MemoryLockTable({**first.table.items})
    return World(deepcopy(first.storage), table, replace(first.clock))


def test_a_right_bucket_has_no_differences(busy: World) -> None:
    """Verifying changes nothing."""
    before = dict(busy.storage.objects)
    assert busy.differences() == []
    assert busy.storage.objects == before
    answer = busy.command("verify")
    assert (answer["projects"], answer["count"]) == (3, 0)
    assert answer["objects"] == len(before)


def test_verifying_costs_one_listing_and_one_look_at_each_page(busy: World) -> None:
    """No distribution is read."""
    busy.forget()
    busy.command("verify")
    counted = Counter(busy.storage.operations())
    assert counted == {"LIST": 1, "GET": 3 + 2, "HEAD": 2}
    assert not [key for _, key in busy.storage.calls if key.endswith((".whl", ".gz"))]


def remove(key: str) -> Callable[[World], None]:
    """Damage the index: remove an object."""
    return lambda world: world.storage.remove(BUCKET, key)


def put(key: str, content: bytes) -> Callable[[World], None]:
    """Damage the index: put or replace an object."""
    return lambda world: world.storage.upload(BUCKET, key, content)


def edit(key: str, old: str, new: str) -> Callable[[World], None]:
    """Damage the index: edit a page."""

    def damage(world: World) -> None:
        body = world.storage.body(BUCKET, key)
        assert old.encode() in body
        world.storage.upload(BUCKET, key, body.replace(old.encode(), new.encode()))

    return damage


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (remove(FOO), ["foo/ foo-1.0-py3-none-any.whl is listed but missing"]),
        (
            put("foo/foo-9.0.tar.gz", sdist("foo", "9.0").content),
            ["foo/ foo-9.0.tar.gz is missing"],
        ),
        (
            put(FOO, wheel("foo", "1.0", "Summary: new").content),
            ["foo/ foo-1.0-py3-none-any.whl is out of date"],
        ),
        (remove(f"{FOO}.metadata"), ["foo/ foo-1.0-py3-none-any.whl is out of date"]),
        (put(f"{FOO}.metadata", b"?"), ["foo/ foo-1.0-py3-none-any.whl is out of date"]),
        (
            put("foo/foo-7.0-py3-none-any.whl.metadata", b"?"),
            ["foo/ foo-7.0-py3-none-any.whl has a metadata file that the page does not name"],
        ),
        (remove(f"{FOO}.yanked"), ["foo/ the yank of foo-1.0-py3-none-any.whl is out of date"]),
        (put(f"{FOO}.yanked", b"?"), ["foo/ the yank of foo-1.0-py3-none-any.whl is out of date"]),
        (put("foo/foo-2.0.tar.gz.yanked", b""), ["foo/ the yank of foo-2.0.tar.gz is out of date"]),
        (remove("bar/.project-status"), ["bar/ the project's status is out of date"]),
        (
            put("foo/.project-status", b'{"status": "archived"}'),
            ["foo/ the project's status is out of date"],
        ),
        (remove("foo/"), ["foo/ the HTML page differs from the JSON page"]),
        (put("foo/", b"<html>"), ["foo/ the HTML page differs from the JSON page"]),
        (remove("foo/index.json"), ["foo/ has files but no JSON page"]),
        (put("foo/index.json", b"{}"), ["foo/ has files but no JSON page"]),
        (
            edit("foo/index.json", '"files":', '"edited":1,"files":'),
            ["foo/ the JSON page was edited"],
        ),
        (edit("index.json", '{"name":"foo"}', '{"name":"zoo"}'),
         ["/ its root page is outdated", "foo/ is not on the root page",
          "zoo/ is only on the root page"]),
        (put("index.html", b"<html>"), ["/ its root page is outdated"]),
        (put("bar/.project-status", b"?"), ["bar/ the project's status is out of date"]),
        (remove("team/"), ["team/ its root page is outdated"]),
        (remove("team/index.json"),
         ["team/ its root page is outdated", "team/foo/ is not on the root page"]),
        (put("foo-5.0.tar.gz", sdist("foo", "5.0").content),
         ["foo-5.0.tar.gz is outside of a project's directory"]),
        (put("Foo/foo-5.0.tar.gz", sdist("foo", "5.0").content),
         ["Foo/foo-5.0.tar.gz is outside of a project's directory"]),
        (put("team/zoo-5.0.tar.gz", sdist("zoo", "5.0").content),
         ["team/zoo-5.0.tar.gz is outside of a project's directory"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("fresh", [False, True])
def test_each_difference_is_seen_and_put_right(
    busy: World, damage: Callable[[World], None], expected: list[str], fresh: bool
) -> None:
    """A rebuild only changes what differs; a fresh one changes everything."""
    damage(busy)
    assert busy.differences() == expected
    busy.command("rebuild", fresh=fresh)
    busy.drain()
    assert busy.differences() == []


def test_a_bucket_that_holds_only_distributions_is_rebuilt(world: World) -> None:
    """Old pages and misplaced files are included."""
    for name in ("foo", "bar"):
        world.put(f"{name}/", wheel(name))
        world.put(f"{name}/", b"<html>written by s3pypi 2</html>")
    world.put("gone/", b"<html>written by s3pypi 2</html>")
    world.put("index.html", b"<html>written by s3pypi 2</html>")
    world.put("", wheel("baz"))
    answer = world.command("rebuild")
    assert answer["messages"] == 2
    world.drain()
    assert world.names() == ["bar", "baz", "foo"]
    assert world.differences() == []


def test_a_rebuild_fans_out_in_messages_of_ten_projects(world: World) -> None:
    """It can run in many invocations."""
    for number in range(25):
        world.put(f"p{number}/", wheel(f"p{number}"))
    assert world.command("rebuild")["messages"] == 3
    assert [len(json.loads(body)["regenerate"]) for body in world.queue.bodies] == [10, 10, 5]
    assert not any(json.loads(body)["fresh"] for body in world.queue.bodies)
    world.drain()
    assert len(world.names()) == 25


def test_a_rebuild_files_any_number_of_misplaced_files(world: World) -> None:
    """They are also sent in messages of ten."""
    for number in range(25):
        world.put("", wheel(f"p{number}"))
    assert world.command("rebuild")["messages"] == 3
    assert [len(json.loads(body)["file"]) for body in world.queue.bodies] == [10, 10, 5]
    world.drain()
    assert len(world.names()) == 25
    assert world.differences() == []


def test_a_fresh_rebuild_puts_wrong_places_right(busy: World) -> None:
    """This includes pages of directories that are not projects."""
    page = busy.storage.body(BUCKET, "foo/index.json")
    put("gone/index.json", page.replace(b'"foo"', b'"gone"'))(busy)
    put("team/index.json", page.replace(b'"foo"', b'"team"'))(busy)
    assert busy.differences() != []
    busy.command("rebuild", fresh=True)
    busy.drain()
    assert busy.differences() == []


def test_a_rebuild_of_what_is_right_writes_nothing(busy: World) -> None:
    """It has nothing to do."""
    before = dict(busy.storage.objects)
    assert busy.command("rebuild")["regenerated"] == 0
    busy.drain()
    assert busy.storage.objects == before


def test_a_fresh_rebuild_writes_both_pages_whatever_they_say(busy: World) -> None:
    """A copied page may have a wrong content type."""
    body = busy.storage.body(BUCKET, "foo/index.json")
    put("foo/index.json", body)(busy)
    assert busy.storage.objects[BUCKET, "foo/index.json"].options is None
    busy.command("rebuild", names=["foo"], fresh=True)
    busy.drain()
    page = busy.storage.objects[BUCKET, "foo/index.json"]
    assert page.body == body
    assert page.options is not None
    assert page.options.content_type == "application/vnd.pypi.simple.v1+json"


def test_ten_thousand_projects_fan_out(world: World) -> None:
    """In one listing, into a thousand messages, each project once."""
    for number in range(10_000):
        world.put(f"p{number}/p{number}-1.0.zip", b"")
    world.forget()
    answer = world.command("rebuild")
    assert (answer["projects"], answer["messages"]) == (10_000, 1000)
    assert Counter(world.storage.operations()) == {"LIST": 10, "GET": 2, "HEAD": 2, "PUT": 2}
    sent = [name for body in world.queue.bodies for name in json.loads(body)["regenerate"]]
    assert len(sent) == len(set(sent)) == 10_000
    assert len(world.names()) == 10_000


def test_a_fresh_rebuild_reads_every_file_and_keeps_upload_times(busy: World) -> None:
    """A fresh rebuild does not trust the records."""
    before = dict(busy.storage.objects)
    busy.forget()
    busy.command("rebuild", fresh=True)
    busy.drain()
    written = {key for operation, key in busy.storage.calls if operation == "PUT"}
    assert not [key for key in written if key.endswith(".metadata")]
    read = {key for operation, key in busy.storage.calls if operation == "GET"}
    assert read >= {key for _, key in before if key.endswith((".whl", ".tar.gz", ".zip"))}
    assert {key: one.body for key, one in busy.storage.objects.items()} == {
        key: one.body for key, one in before.items()
    }
    assert busy.json("team/foo/")["files"] == json.loads(before[BUCKET, "team/foo/index.json"].body)["files"]  # fmt: skip  # noqa: E501


def test_some_projects_of_an_index(busy: World) -> None:
    """With names, other projects are not listed."""
    remove("foo/")(busy)
    remove("bar/")(busy)
    assert busy.differences(names=["Foo", "foo", "FOO"]) == [
        "foo/ the HTML page differs from the JSON page"
    ]
    busy.command("rebuild", names=["foo"])
    busy.drain()
    assert busy.differences(names=["foo"]) == []
    assert len(busy.differences()) == 1
    assert busy.differences(prefix="team", names=["foo"]) == []


def test_a_name_that_is_only_on_the_root_page(busy: World) -> None:
    """A project without a directory can be named, and is removed from the root page."""
    edit("index.json", '{"name":"foo"}', '{"name":"foo"},{"name":"ghost"}')(busy)
    assert busy.differences(names=["ghost"]) == ["ghost/ is only on the root page"]
    assert busy.command("verify")["projects"] == 4
    busy.command("rebuild", names=["ghost"])
    busy.drain()
    assert "ghost" not in busy.names()


def test_one_index_of_several(busy: World) -> None:
    """A prefix limits the rebuild."""
    remove("foo/")(busy)
    remove("team/foo/")(busy)
    assert busy.differences(prefix="/team/") == [
        "team/foo/ the HTML page differs from the JSON page"
    ]


def test_a_refused_listing_is_not_an_empty_bucket(busy: World) -> None:
    """If a listing fails, nothing is reported or rebuilt."""

    def refuse(operation: str, _key: str) -> None:
        if operation == "LIST":
            raise StorageError("AccessDenied")

    busy.storage.before = refuse
    with pytest.raises(StorageError):
        busy.command("rebuild")
    assert busy.queue.bodies == []


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("foo/index.json", "foo/ cannot be read: AccessDenied"),
        ("index.json", "/ its root page cannot be read: AccessDenied"),
    ],
)
def test_a_page_that_cannot_be_read_is_a_difference(busy: World, page: str, expected: str) -> None:
    """Other pages are compared and rebuilt; an unreadable root page is not replaced."""

    def refuse(operation: str, key: str) -> None:
        if (operation, key) == ("GET", page):
            raise StorageError("AccessDenied")

    remove("bar/")(busy)
    busy.storage.before = refuse
    assert busy.differences() == sorted([expected, "bar/ the HTML page differs from the JSON page"])
    busy.command("rebuild")
    assert [json.loads(body)["regenerate"] for body in busy.queue.bodies] == [["bar/"]]
    busy.storage.before = lambda *_: None
    busy.drain()
    assert busy.differences() == []


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"name": "destroy"}, "unknown command 'destroy'"),
        ({"name": "verify", "bucket": None}, "needs 'bucket'"),
        ({"name": "verify", "prefix": 7}, "'prefix' is not a string"),
        ({"name": "verify", "names": "foo"}, "'names' is not a list"),
        ({"name": "verify", "names": ["-"]}, "'names'"),
    ],
)
def test_commands_that_make_no_sense(world: World, event: dict[str, object], said: str) -> None:
    """The error names the problem."""
    with pytest.raises(InvalidEventError, match=said):
        world.command(**event)  # type: ignore[arg-type]


def test_the_queue_can_be_looked_at(world: World) -> None:
    """The state of the queue shows the progress."""
    assert world.command("queue") == {"waiting": 0, "in_flight": 0, "dead": 0}


def test_uploads_go_on_while_a_bucket_is_verified(busy: World) -> None:
    """A directory that changes meanwhile is compared again."""
    uploaded: list[str] = []

    def upload(operation: str, key: str) -> None:
        if (operation, key) == ("GET", "foo/index.json") and not uploaded:
            uploaded.append(key)
            busy.storage.before = lambda *_: None
            busy.add("foo/", wheel("foo", "8.0"))
            busy.storage.before = upload

    busy.storage.before = upload
    assert busy.differences() == []
    assert uploaded


def test_an_invalid_status_that_was_removed_is_seen(busy: World) -> None:
    """The page still shows the problem."""
    busy.index(busy.put("foo/.project-status", b"nonsense"))
    assert busy.differences() == []
    remove("foo/.project-status")(busy)
    assert busy.differences() == ["foo/ the project's status is out of date"]


def test_somebody_elses_page_at_the_root_is_no_difference(world: World) -> None:
    """Pages of other programs are ignored."""
    world.add("simple/foo/", wheel("foo"))
    world.put("index.html", b"<html>our homepage</html>")
    assert world.differences() == []


@pytest.mark.parametrize("fresh", [False, True])
def test_the_root_page_of_an_empty_index_is_put_right(world: World, *, fresh: bool) -> None:
    """A rebuild repairs the root page of an index without projects."""
    key = world.add("foo/", wheel())
    world.storage.remove(BUCKET, key)
    world.index(key)
    put("index.html", b"<html>")(world)
    assert world.differences() == ["/ its root page is outdated"]
    world.command("rebuild", fresh=fresh)
    world.drain()
    assert world.differences() == []
    assert world.names() == []


def test_a_page_of_another_release_is_a_difference(busy: World) -> None:
    """The bytes of a page that was not edited may differ from those that would be written now."""
    page = busy.json("foo/")
    del page[SEAL_KEY]
    put("foo/index.json", sealed({**page, "_of-another-release": True}))(busy)
    assert busy.differences() == ["foo/ the JSON page is outdated"]


def test_no_name_is_announced_where_a_projects_page_is(world: World) -> None:
    """The first project's run makes the directory an index, and does not trust the rebuild."""
    key = world.add("team/", wheel("team"))
    world.storage.remove(BUCKET, key)
    world.put("team/foo/", wheel("foo"))
    world.command("rebuild")
    world.queue.bodies = [body for body in world.queue.bodies if "team/foo/" in body]
    world.drain()
    assert world.names("team/") == ["foo"]
    assert world.filenames("team/foo/") == ["foo-1.0-py3-none-any.whl"]
