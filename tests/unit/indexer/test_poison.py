"""Poison: each kind has a defined outcome (docs/architecture.md), and others are unaffected."""

import json
from collections import Counter
from collections.abc import Callable

import pytest

from lambda_indexer.errors import StorageError, UnreadableError
from lambda_indexer.events import batch
from lambda_indexer.events.messages import Message, ObjectEvent
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World

FOO, BAR = "foo/foo-2.0-py3-none-any.whl", "bar/bar-2.0-py3-none-any.whl"


def refuse(*refused: tuple[str, str]) -> Callable[[str, str], None]:
    """Let S3 refuse operations on keys with a prefix."""

    def before(operation: str, key: str) -> None:
        if any(operation == what and key.startswith(start) for what, start in refused):
            raise StorageError(f"AccessDenied: {operation} {key}")

    return before


@pytest.fixture
def two(world: World) -> World:
    """Provide two projects with a version each, and a new version of each."""
    for name in ("foo", "bar"):
        world.add(f"{name}/", wheel(name, "1.0"))
        world.put(f"{name}/", wheel(name, "2.0"))
    return world


def failing(world: World) -> list[str]:
    """Invoke the function for both new files, and return the keys of failed messages."""
    keys = [FOO, BAR]
    messages = [Message((ObjectEvent(BUCKET, key),), id=key) for key in keys]
    results = batch.process(messages, world.indexer, map)
    return [keys[number] for number in sorted(batch.failed(messages, results))]


def test_a_file_that_s3_fails_to_give_fails_its_project_alone(two: World) -> None:
    """The page stays unchanged, and the message fails, because the error may be temporary."""
    before = two.json("foo/")
    two.storage.before = refuse(("GET", FOO))
    assert failing(two) == [FOO]
    assert two.json("foo/") == before
    assert len(two.filenames("bar/")) == 2
    two.storage.before = lambda *_: None
    two.index(FOO)
    assert len(two.filenames("foo/")) == 2


def test_a_bucket_whose_key_is_disabled_stays_as_it_is(two: World) -> None:
    """All messages fail, and succeed after the key is enabled."""
    before = dict(two.storage.objects)
    two.storage.before = refuse(("GET", ""), ("PUT", ""))
    assert failing(two) == [FOO, BAR]
    assert two.storage.objects == before
    two.storage.before = lambda *_: None
    two.clock.sleep(1000)
    assert failing(two) == []
    assert len(two.filenames("foo/")) == len(two.filenames("bar/")) == 2
    assert two.differences() == []


@pytest.mark.parametrize("certain", [False, True])
def test_a_page_that_somebody_has_locked_is_replaced(two: World, certain: bool) -> None:
    """A page with a client's key is replaced, and one without permission is not."""
    two.storage.upload(BUCKET, "foo/index.json", b"locked")

    def refuse(operation: str, key: str) -> None:
        locked = two.storage.objects.get((BUCKET, key))
        if operation == "GET" and locked and locked.body == b"locked":
            raise UnreadableError("SSE-C", certain=certain)

    two.storage.before = refuse
    assert failing(two) == ([] if certain else [FOO])
    assert len(two.filenames("bar/")) == 2
    if certain:
        assert len(two.filenames("foo/")) == 2
        assert two.differences() == []
    else:
        assert two.storage.body(BUCKET, "foo/index.json") == b"locked"


def test_pages_that_cannot_be_written_fail_only_their_project(two: World) -> None:
    """A write that a policy denies only fails its project."""
    two.storage.before = refuse(("PUT", "foo/index.json"))
    assert failing(two) == [FOO]
    assert len(two.filenames("bar/")) == 2


def test_ten_thousand_junk_keys_cost_their_listing(two: World) -> None:
    """Unknown objects are neither read nor shown."""
    for number in range(10_000):
        two.storage.upload(BUCKET, f"foo/junk-{number}.txt", b"?")
    two.forget()
    two.index(FOO)
    counted = Counter(two.storage.operations())
    assert counted == {"LIST": 12, "GET": 2, "PUT": 3}
    assert len(two.filenames("foo/")) == 2


def test_a_page_of_a_newer_version_is_read_and_written_anew(two: World) -> None:
    """Unknown data on a page is not kept; upload times are."""
    page = two.json("foo/")
    [file] = page["files"]
    newer = {
        **page,
        "meta": {"api-version": "2.7", "_generator": "s3pypi 9"},
        "files": [{**file, "attestation": {"new": True}}],
        "namespaces": [],
    }
    two.storage.upload(BUCKET, "foo/index.json", json.dumps(newer).encode())
    two.index(FOO)
    page = two.json("foo/")
    assert page["meta"] == {"api-version": "1.4"}
    assert "namespaces" not in page
    times = {one["filename"]: one["upload-time"] for one in page["files"]}
    assert times[file["filename"]] == file["upload-time"]


def test_a_hundred_archives_that_kill_readers(two: World) -> None:
    """Each archive is quarantined, and the other project is not affected."""
    for number in range(100):
        two.storage.upload(BUCKET, f"foo/foo-9.{number}.tar.gz", b"\x1f\x8b\x08" + bytes(number))
    assert failing(two) == []
    assert len(two.filenames("foo/")) == 2
    assert len(two.json("foo/")["_quarantined"]) == 100


def test_thousands_of_bad_files_show_the_first_hundred(two: World) -> None:
    """The others are counted, and read only once."""
    names = [f"foo-9.{number:04}-{'x' * 200}.zip" for number in range(3000)]
    for name in names:
        two.storage.upload(BUCKET, f"foo/{name}", b"junk")
    assert failing(two) == []
    page = two.json("foo/")
    assert [one["filename"] for one in page["_quarantined"]] == names[:100]
    assert len(two.storage.body(BUCKET, "foo/index.json")) < 200_000
    assert "And 2900 more." in two.html("foo/")
    assert len(two.filenames("foo/")) == 2
    assert two.differences() == []
    two.forget()
    two.index(FOO)
    assert Counter(two.storage.operations()) == {"LIST": 5, "GET": 1}
    before = two.storage.body(BUCKET, "foo/index.json")
    two.command("rebuild", fresh=True)
    two.drain()
    assert two.storage.body(BUCKET, "foo/index.json") == before


def test_a_bad_file_is_shown_when_one_before_it_goes(two: World) -> None:
    """Only the file whose reason is now shown is read again."""
    names = [f"foo-9.{number:04}.zip" for number in range(150)]
    for name in names:
        two.storage.upload(BUCKET, f"foo/{name}", b"junk")
    assert failing(two) == []
    for name in names[:2]:
        two.storage.remove(BUCKET, f"foo/{name}")
    two.storage.upload(BUCKET, f"foo/{names[-1]}", b"junk of another kind")
    two.forget()
    two.index(FOO)
    assert Counter(two.storage.operations()) == {"LIST": 1, "GET": 4, "PUT": 2}
    shown = two.json("foo/")["_quarantined"]
    assert [one["filename"] for one in shown] == names[2:102]
    for name in names[20:]:
        two.storage.remove(BUCKET, f"foo/{name}")
    two.index(FOO)
    page = two.json("foo/")
    assert [one["filename"] for one in page["_quarantined"]] == names[2:20]
    assert "_quarantined-too" not in page


def test_a_directory_full_of_markers_without_files(two: World) -> None:
    """Markers without files are not read."""
    for number in range(500):
        two.storage.upload(BUCKET, f"foo/foo-8.{number}.tar.gz.yanked", b"gone")
    two.forget()
    two.index(FOO)
    assert Counter(two.storage.operations())["GET"] == 2
    assert len(two.filenames("foo/")) == 2


def lock(world: World, *keys: str, certain: bool = True) -> None:
    """Replace objects with ones of the same size that only their writer can read."""
    for key in keys:
        size = len(world.storage.body(BUCKET, key))
        world.storage.upload(BUCKET, key, b"locked".ljust(size))

    def refuse(operation: str, key: str) -> None:
        there = world.storage.objects.get((BUCKET, key))
        if operation in {"GET", "HEAD"} and there and there.body.startswith(b"locked"):
            raise UnreadableError("SSE-C", certain=certain)

    world.storage.before = refuse


@pytest.mark.parametrize(
    "locked", [["index.json"], ["index.html"], ["index.json", "index.html"]], ids=str
)
def test_a_root_page_that_somebody_has_locked_is_replaced(two: World, locked: list[str]) -> None:
    """The new root page lists new projects at once, and the others after a rebuild."""
    lock(two, *locked)
    two.add("new/", wheel("new"))
    assert "new" in two.names()
    two.command("rebuild")
    two.drain()
    assert two.names() == ["bar", "foo", "new"]
    assert "locked" not in two.html("index.html")
    assert two.differences() == []


def test_a_root_page_that_the_function_may_not_read_is_left_alone(two: World) -> None:
    """A root page without permission to read it is not replaced."""
    lock(two, "index.json", certain=False)
    new = two.put("new/", wheel("new"))
    [result] = two.invoke(new)
    assert isinstance(result.outcome, UnreadableError)
    assert two.storage.body(BUCKET, "index.json").startswith(b"locked")
    assert any("root page cannot be read" in each for each in two.differences())


def test_a_project_page_in_html_that_somebody_has_locked_is_replaced(two: World) -> None:
    """The HTML page is replaced even if the JSON page is unchanged."""
    assert failing(two) == []
    lock(two, "foo/")
    assert two.differences() == ["foo/ the HTML page differs from the JSON page"]
    two.index(FOO)
    assert b"locked" not in two.storage.body(BUCKET, "foo/")
    assert two.differences() == []


def test_more_unreadable_files_than_a_page_shows_are_no_drift(two: World) -> None:
    """All of them are reported as differences that a rebuild cannot repair."""
    keys = [two.put(f"foo/foo-9.{number:03}.zip", b"?") for number in range(103)]

    def refuse(_operation: str, key: str) -> None:
        if key in keys:
            raise UnreadableError("S3 denies the index access to it")

    two.storage.before = refuse
    assert failing(two) == []
    answer = two.command("verify")
    assert (answer["count"], answer["repairable"]) == (103, 0)


def test_names_on_a_root_page_that_no_project_can_have(two: World) -> None:
    """Somebody's root page neither stops a rebuild nor makes its messages too large for SQS."""
    long = "a" * 300_000
    page = {"meta": {"api-version": "1.4"}, "projects": [{"name": long}, {"name": "bar"}]}
    two.storage.upload(BUCKET, "index.json", json.dumps(page).encode())
    assert not any(long in each for each in two.differences())
    two.command("rebuild")
    assert max(map(len, two.queue.bodies)) < 1000
    two.drain()
    assert two.names() == ["bar", "foo"]
    assert two.differences() == []
