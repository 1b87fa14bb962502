"""Regenerating a project: what is written, what it costs, and what is never lost."""

import hashlib
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from lambda_indexer.errors import ChangedError, StorageError, UnreadableError, UnsettledError
from lambda_indexer.events import batch
from lambda_indexer.events.parsing import Message, ObjectEvent
from lambda_indexer.events.work import LATE
from lambda_indexer.index.inspection import SMALL
from lambda_indexer.index.outcome import Outcome, OutOfTimeError, Trigger
from lambda_indexer.index.places import Project
from lambda_indexer.model import ETag
from lambda_indexer.pages.rendering import SEAL_KEY, sealed, timestamp
from s3pypi.layout import DirectoryPath
from tests.factories import archive_tar, archive_zip, metadata_of, sdist, wheel
from tests.unit.indexer.conftest import BUCKET, World

FOO = Project(BUCKET, DirectoryPath("foo/"))


def sha256(body: bytes) -> str:
    """The digest as pages write it."""
    return hashlib.sha256(body).hexdigest()


def test_a_new_wheel_is_on_its_page_with_what_it_says_of_itself(world: World) -> None:
    """One wheel makes a project page, a sidecar and a root page."""
    foo = wheel("foo", "1.0", "Requires-Python: >=3.8,<4")
    world.add("foo/", foo)
    assert world.storage.keys(BUCKET) == [
        "foo/",
        "foo/foo-1.0-py3-none-any.whl",
        "foo/foo-1.0-py3-none-any.whl.metadata",
        "foo/index.json",
        "index.html",
        "index.json",
    ]
    page = world.json("foo/")
    assert page["meta"] == {"api-version": "1.4"}
    assert page["name"] == "foo"
    assert page["versions"] == ["1.0"]
    [file] = page["files"]
    assert {key: value for key, value in file.items() if not key.startswith("_")} == {
        "filename": foo.filename,
        "url": foo.filename,
        "hashes": {"sha256": sha256(foo.content)},
        "size": len(foo.content),
        "upload-time": "2026-01-01T00:00:01Z",
        "requires-python": ">=3.8,<4",
        "core-metadata": {"sha256": sha256(foo.metadata)},
    }
    assert world.storage.body(BUCKET, f"foo/{foo.filename}.metadata") == foo.metadata
    assert world.names() == ["foo"]
    assert f'href="{foo.filename}#sha256={sha256(foo.content)}"' in world.html("foo/")
    assert '<a href="foo/">foo</a>' in world.html("index.html")


def test_objects_are_served_as_what_they_are(world: World) -> None:
    """Pages are revalidated and files are kept, each with its media type."""
    world.add("foo/", wheel())
    options = {
        key: stored.options for (_, key), stored in world.storage.objects.items() if stored.options
    }
    assert {key: (put.content_type, put.cache_control) for key, put in options.items()} == {
        "foo/": ("text/html; charset=utf-8", "public, max-age=0, must-revalidate"),
        "foo/index.json": (
            "application/vnd.pypi.simple.v1+json",
            "public, max-age=0, must-revalidate",
        ),
        "index.html": ("text/html; charset=utf-8", "public, max-age=0, must-revalidate"),
        "index.json": ("application/vnd.pypi.simple.v1+json", "public, max-age=0, must-revalidate"),
        "foo/foo-1.0-py3-none-any.whl.metadata": (
            "text/plain; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
    }


def test_the_cost_of_one_more_wheel(world: World) -> None:
    """The design's formula: 2 DynamoDB writes, 1 LIST, 2 GET, 3 PUT."""
    world.add("foo/", wheel(version="1.0"))
    world.forget()
    world.add("foo/", wheel(version="1.1"))
    assert Counter(world.storage.operations()) == {"LIST": 1, "GET": 2, "PUT": 3}
    assert world.table.calls == [("acquire", "bucket/foo"), ("release", "bucket/foo")]


def test_only_listing_grows_with_the_number_of_files(world: World) -> None:
    """Three LIST requests for 2,500 objects, and not one request more otherwise."""
    first = world.add("foo/", sdist(version="1"))
    page = world.json("foo/")
    [file] = page["files"]
    for number in range(2, 2500):
        other = {**file, "filename": f"foo-{number}.tar.gz"}
        world.storage.upload(BUCKET, f"foo/{other['filename']}", world.storage.body(BUCKET, first))
        page["files"].append(other)
    times = {one.filename: one.last_modified for one in world.storage.list(BUCKET, "foo/")}
    for other in page["files"]:
        other["upload-time"] = timestamp(times[other["filename"]])
    del page[SEAL_KEY]
    world.storage.upload(BUCKET, "foo/index.json", sealed(page))
    world.forget()
    world.add("foo/", wheel(version="2500"))
    assert Counter(world.storage.operations()) == {"LIST": 3, "GET": 2, "PUT": 3}
    assert len(world.filenames("foo/")) == 2500


def test_an_unchanged_project_writes_nothing(world: World) -> None:
    """A doubled event reads the bucket and leaves every object as it is."""
    key = world.add("foo/", wheel())
    before = dict(world.storage.objects)
    world.forget()
    world.index(key)
    assert world.storage.objects == before
    assert Counter(world.storage.operations()) == {"LIST": 1, "GET": 1}


def test_a_thousand_events_of_one_project_make_one_run(world: World) -> None:
    """Events are grouped by project before any work is done."""
    keys = [world.put("foo/", wheel(version=f"1.{number}")) for number in range(20)]
    world.index(*keys * 50)
    assert world.table.calls.count(("acquire", "bucket/foo")) == 1
    assert len(world.filenames("foo/")) == 20


def test_files_are_listed_newest_version_first(world: World) -> None:
    """The order is that of PEP 440, not of the names, and does not depend on the bucket's."""
    for version in ("1.9", "1.10", "1!0.1", "1.10rc1"):
        world.put("foo/", wheel(version=version))
    world.put("foo/", sdist(version="1.10"))
    world.index("foo/foo-1.9-py3-none-any.whl")
    assert world.json("foo/")["versions"] == ["1!0.1", "1.10", "1.10rc1", "1.9"]
    assert world.filenames("foo/")[1:3] == ["foo-1.10-py3-none-any.whl", "foo-1.10.tar.gz"]


def test_names_with_characters_that_urls_read_differently(world: World) -> None:
    """Local versions and epochs are encoded in links and stay as they are in keys."""
    key = world.add("foo/", wheel(version="1!2.0+cu1.1"))
    assert key == "foo/foo-1!2.0+cu1.1-py3-none-any.whl"
    [file] = world.json("foo/")["files"]
    assert file["url"] == "foo-1%212.0%2Bcu1.1-py3-none-any.whl"
    assert 'href="foo-1%212.0%2Bcu1.1-py3-none-any.whl#' in world.html("foo/")


def test_removing_the_last_file_removes_the_project(world: World) -> None:
    """Pages, sidecar and the line on the root page go; foreign objects stay."""
    key = world.add("foo/", wheel("foo"))
    world.add("bar/", wheel("bar"))
    world.put("foo/NOTES.txt", b"keep me")
    world.storage.remove(BUCKET, key)
    world.index(key)
    assert [key for key in world.storage.keys(BUCKET) if key.startswith("foo/")] == [
        "foo/NOTES.txt"
    ]
    assert world.names() == ["bar"]
    assert [name for operation, name in world.storage.calls if operation == "DELETE"] == [
        "foo/",
        "foo/index.json",  # the record goes last: after a crash, the next run finds it
        f"{key}.metadata",
    ]


def test_a_removed_file_leaves_the_page_before_its_sidecar_goes(world: World) -> None:
    """Nothing is advertised that is not there, at any moment."""
    gone = world.add("foo/", wheel(version="1.0"))
    world.add("foo/", wheel(version="2.0"))
    world.storage.remove(BUCKET, gone)
    world.forget()
    world.index(gone)
    assert world.filenames("foo/") == ["foo-2.0-py3-none-any.whl"]
    assert world.storage.calls[-3:] == [
        ("PUT", "foo/index.json"),
        ("PUT", "foo/"),
        ("DELETE", f"{gone}.metadata"),
    ]


def test_a_sidecar_is_there_before_any_page_names_it(world: World) -> None:
    """The order of writes for a new project: sidecar, root, project."""
    world.add("foo/", wheel())
    assert [key for operation, key in world.storage.calls if operation == "PUT"] == [
        "foo/foo-1.0-py3-none-any.whl.metadata",
        "index.json",
        "index.html",
        "foo/index.json",
        "foo/",
    ]


@pytest.mark.parametrize("damage", ["remove", "change"])
def test_a_damaged_sidecar_comes_back(world: World, damage: str) -> None:
    """A sidecar that somebody deleted or changed is put again by the next event."""
    foo = wheel()
    key = world.add("foo/", foo)
    if damage == "remove":
        world.storage.remove(BUCKET, f"{key}.metadata")
    else:
        world.storage.upload(BUCKET, f"{key}.metadata", b"junk")
    world.index(key)
    assert world.storage.body(BUCKET, f"{key}.metadata") == foo.metadata


def test_an_overwritten_file_is_described_anew(world: World) -> None:
    """Digest, metadata and upload-time follow the new content."""
    key = world.add("foo/", wheel())
    new = wheel("foo", "1.0", "Requires-Python: >=3.11")
    world.put("foo/", new)
    world.index(key)
    [file] = world.json("foo/")["files"]
    assert file["hashes"]["sha256"] == sha256(new.content)
    assert file["requires-python"] == ">=3.11"
    assert file["upload-time"] != "2026-01-01T00:00:01Z"
    assert world.storage.body(BUCKET, f"{key}.metadata") == new.metadata


def test_the_upload_time_of_the_same_content_never_moves(world: World) -> None:
    """Neither a copy in place nor a new entity tag for the same bytes moves it."""
    foo = wheel()
    key = world.add("foo/", foo)
    world.storage.upload(BUCKET, key, foo.content)
    world.index(key)
    world.storage.upload(BUCKET, key, foo.content, etag="0123-2")
    world.index(key)
    [file] = world.json("foo/")["files"]
    assert file["upload-time"] == "2026-01-01T00:00:01Z"
    assert file["_etag"] == "0123-2"


def test_a_bad_file_is_quarantined_and_the_others_are_listed(world: World) -> None:
    """One bad file never empties or blocks a page, and people are told why it is not there."""
    world.put("foo/", wheel(version="1.0"))
    world.put("foo/foo-2.0-py3-none-any.whl", b"this is no archive")
    world.index("foo/foo-2.0-py3-none-any.whl")
    assert world.filenames("foo/") == ["foo-1.0-py3-none-any.whl"]
    [bad] = world.json("foo/")["_quarantined"]
    assert bad["filename"] == "foo-2.0-py3-none-any.whl"
    assert "not a readable zip archive" in bad["reason"]
    assert "not a readable zip archive" in world.html("foo/")


@pytest.mark.parametrize(
    ("filename", "content", "reason"),
    [
        ("bar-1.0-py3-none-any.whl", wheel("bar").content, "belongs to the project 'bar'"),
        ("foo-1.0-py3-none-any.whl", wheel("bar").content, "not named after foo"),
        ("foo-2.0.tar.gz", sdist("foo", "1.0").content, "has version 1.0, its filename has 2.0"),
        ("foo-1.0.tar.gz", sdist("bar", "1.0").content, "names the project bar, not foo"),
        ("foo-nightly.zip", b"", "'nightly' is not a version"),
        ("foo-1.0-any.whl", b"", "not a valid wheel filename"),
        ("foo-1.0\u00e9.zip", b"", "printable ASCII"),
    ],
)
def test_reasons_for_quarantine(world: World, filename: str, content: bytes, reason: str) -> None:
    """Each file that cannot be listed has a reason on the directory's page."""
    world.put(f"foo/{filename}", content)
    world.index(f"foo/{filename}")
    [bad] = world.json("foo/")["_quarantined"]
    assert reason in bad["reason"]
    assert world.filenames("foo/") == []
    # Only what has the project's own name makes the directory a project.
    root = ("bucket", "index.json") in world.storage.objects
    assert root is filename.startswith("foo")
    assert not root or world.names() == ["foo"]


def test_a_quarantined_file_is_not_read_again_until_it_changes(world: World) -> None:
    """Junk costs its reading once."""
    key = world.put("foo/foo-1.0.tar.gz", b"junk")
    world.index(key)
    world.forget()
    world.index(key)
    assert ("GET", key) not in world.storage.calls
    world.put("foo/", sdist("foo", "1.0"))
    world.index(key)
    assert world.filenames("foo/") == ["foo-1.0.tar.gz"]
    assert world.json("foo/")["_quarantined"] == []


def test_foreign_objects_are_left_alone(world: World) -> None:
    """What is no distribution is neither listed nor touched nor read."""
    for name in ("README.md", "foo-1.0.exe", "deep/er/foo-1.0.tar.gz.asc", "x.metadata"):
        world.put(f"foo/{name}", b"?")
    world.add("foo/", wheel())
    assert world.filenames("foo/") == ["foo-1.0-py3-none-any.whl"]
    assert world.storage.body(BUCKET, "foo/x.metadata") == b"?"


@pytest.mark.parametrize("garbage", [b"", b"\xff", b"[]", b"{}", b'{"files": [1]}', b"[" * 9999])
def test_a_page_that_does_not_parse_is_no_record(world: World, garbage: bytes) -> None:
    """A page that somebody spoiled is written anew from the files themselves."""
    world.put("foo/index.json", garbage)
    world.add("foo/", wheel())
    assert world.filenames("foo/") == ["foo-1.0-py3-none-any.whl"]
    assert world.names() == ["foo"]


def test_a_page_edited_by_an_old_client_is_put_right(world: World) -> None:
    """HTML that somebody else wrote is replaced by the next event, whatever the JSON says."""
    key = world.add("foo/", wheel())
    right = world.html("foo/")
    world.storage.upload(BUCKET, "foo/", b"<html>edited</html>")
    world.index(key)
    assert world.html("foo/") == right


def test_html_with_an_opaque_entity_tag_is_compared_by_its_bytes(world: World) -> None:
    """Under KMS an entity tag is no MD5; an unchanged page is still not written again."""
    key = world.add("foo/", wheel())
    world.storage.upload(BUCKET, "foo/", world.storage.body(BUCKET, "foo/"), etag="opaque")
    world.forget()
    world.index(key)
    assert "PUT" not in world.storage.operations()


def test_a_large_wheel_with_a_checksum_is_read_by_ranges(world: World) -> None:
    """S3's own full-object SHA-256 is the digest, and only the end of the file is read."""
    foo = wheel(filler=bytes(20 << 20))
    world.storage.upload(BUCKET, f"foo/{foo.filename}", foo.content, checksum=True)
    read = Counter[str]()
    get_range = world.storage.get_range

    def count(bucket: str, key: str, start: int, end: int, if_match: object) -> bytes:
        read[key] += end - start
        return get_range(bucket, key, start, end, if_match)  # type: ignore[arg-type]

    world.storage.get_range = count  # type: ignore[method-assign]
    world.index(f"foo/{foo.filename}")
    [file] = world.json("foo/")["files"]
    assert file["hashes"]["sha256"] == sha256(foo.content)
    assert 0 < read[f"foo/{foo.filename}"] < 1 << 20
    assert Counter(key for _, key in world.storage.calls)[f"foo/{foo.filename}"] == 2


@pytest.mark.parametrize("extension", [".tar.gz", ".tar.bz2", ".tar.xz", ".zip"])
@pytest.mark.parametrize("checksum", [True, False])
def test_large_files_without_a_checksum_are_streamed(
    world: World, extension: str, checksum: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file of each format gets the digest of its bytes, however that is learnt."""
    monkeypatch.setattr("lambda_indexer.index.inspection.SMALL", 100)
    foo = sdist(extension=extension)
    world.storage.upload(BUCKET, f"foo/{foo.filename}", foo.content, checksum=checksum)
    world.index(f"foo/{foo.filename}")
    [file] = world.json("foo/")["files"]
    assert file["hashes"]["sha256"] == sha256(foo.content)


@pytest.mark.parametrize("mode", ["gz", "bz2", "xz"])
def test_the_digest_is_that_of_all_bytes(
    world: World, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of those after PKG-INFO, which nobody reads for the metadata."""
    monkeypatch.setattr("lambda_indexer.index.inspection.SMALL", 100)
    rest = Random(0).randbytes(1 << 20)  # noqa: S311 - any bytes that do not compress
    members = {"foo-1.0/PKG-INFO": metadata_of("foo", "1.0"), "foo-1.0/rest": rest}
    content = archive_tar(members, mode)
    assert len(content) >= len(rest)
    world.index(world.put(f"foo/foo-1.0.tar.{mode}", content))
    [file] = world.json("foo/")["files"]
    assert file["hashes"]["sha256"] == sha256(content)


def test_the_website_style_names_pages_index_html(world: World) -> None:
    """With the setting, no key ends in a slash."""
    world.index_html = True
    world.add("p/foo/", wheel())
    assert [key for key in world.storage.keys(BUCKET) if key.endswith(("/", ".html"))] == [
        "p/foo/index.html",
        "p/index.html",
    ]


def test_one_bucket_serves_any_number_of_indexes(world: World) -> None:
    """The prefix is read from the key, and each index has its own root page."""
    world.add("foo/", wheel("foo"))
    world.add("team/a/bar/", wheel("bar"))
    assert world.names() == ["foo"]
    assert world.names("team/a/") == ["bar"]
    assert '<a href="bar/">bar</a>' in world.html("team/a/")


def test_a_directory_that_is_a_project_does_not_become_an_index(world: World) -> None:
    """What lies there first stays; the other is reported, and its project page still works."""
    world.add("abc/", wheel("abc"))
    page = world.storage.body(BUCKET, "abc/index.json")
    key = world.put("abc/foo/", wheel("foo"))
    [result] = world.index(key)
    assert isinstance(result.outcome, Outcome)
    assert "is a project of the index above it" in str(result.outcome.problem)
    assert world.storage.body(BUCKET, "abc/index.json") == page
    assert world.filenames("abc/foo/") == ["foo-1.0-py3-none-any.whl"]


CALLS_OF_A_NEW_PROJECT = 10


@pytest.mark.parametrize("killed", [True, False])
@pytest.mark.parametrize("failing", range(CALLS_OF_A_NEW_PROJECT))
def test_whatever_call_fails_the_next_run_puts_it_right(
    world: World, failing: int, killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure, or a death, before any of the calls is healed when the message comes back."""
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
    """The test above fails each of them."""
    world.add("bar/", wheel("bar"))
    world.forget()
    world.add("foo/", wheel("foo"))
    assert len(world.storage.calls) == CALLS_OF_A_NEW_PROJECT


def test_a_refused_read_of_the_page_writes_nothing(world: World) -> None:
    """Only "no such key" is absence: s3pypi 2 took any error for an empty page."""
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
    """A page that changed since the LIST is never overwritten; the work starts from LIST."""
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
    """A run that never comes to rest gives up, and its message comes back."""
    key = world.put("foo/", wheel())
    ticks = iter(range(1000))

    def interfere(operation: str, name: str) -> None:
        if (operation, name) == ("PUT", "foo/index.json"):
            world.storage.upload(BUCKET, name, str(next(ticks)).encode())

    world.storage.before = interfere
    [result] = world.invoke(key)
    assert isinstance(result.outcome, UnsettledError)


def test_a_file_that_vanishes_while_it_is_looked_at(world: World) -> None:
    """The run starts again and describes what is there by then."""
    key = world.put("foo/", wheel(version="1.0"))
    world.put("foo/", wheel(version="2.0"))

    def vanish(operation: str, name: str) -> None:
        if (operation, name) == ("GET", key):
            world.storage.objects.pop((BUCKET, key), None)

    world.storage.before = vanish
    world.index(key)
    assert world.filenames("foo/") == ["foo-2.0-py3-none-any.whl"]


def test_after_a_death_the_pages_and_the_root_are_compared(world: World) -> None:
    """A recovery run trusts nothing that the last holder may have left half done."""
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
        "index.html",
        "foo/",
    ]
    assert world.storage.body(BUCKET, "foo/index.json") == right
    assert ("acquire", "bucket/") in world.table.calls
    assert world.differences() == []


def test_what_is_not_ours_is_never_deleted(world: World) -> None:
    """A website beside an archive is no index page, whatever its name."""
    world.put("www/index.json", b'{"my": "site"}')
    world.put("www/index.html", b"<html>my site</html>")
    world.put("www/", b"")
    before = dict(world.storage.objects)
    world.index("www/app-1.0.zip")
    assert {key: world.storage.objects[key] for key in before} == before


@pytest.mark.parametrize(
    ("received", "age", "names"),
    [(2, 0, ["bar", "foo"]), (1, LATE + 1, ["bar", "foo"]), (1, LATE - 1, ["bar"])],
    ids=["comes back", "may have been a dead letter", "is new"],
)
def test_a_message_that_comes_back_checks_the_root_page(
    world: World, received: int, age: float, names: list[str]
) -> None:
    """The run that it had begun may have misled the root after its lease was taken from it."""
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
    """An ordinary run does less than was requested: it trusts its records and the root page."""
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
    """The attempt that met another writer may have been that writer, and have misled the root."""
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
    """A PUT whose answer was lost is a conflict with ourselves: the record is already the new."""
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


def test_a_damaged_root_page_is_reported(world: World) -> None:
    """Its other lines are lost until a rebuild, such as the daily one, and somebody has to know."""
    world.add("aaa/", wheel("aaa"))
    world.storage.remove(BUCKET, "index.json")
    [result] = world.index(world.put("foo/", wheel()))
    assert isinstance(result.outcome, Outcome)
    assert "has been started anew" in str(result.outcome.problem)
    assert world.names() == ["foo"]
    world.command("rebuild")
    world.drain()
    assert world.names() == ["aaa", "foo"]


def test_a_page_that_vanishes_after_the_list_makes_the_run_start_again(world: World) -> None:
    """Gone is not the same as never there: upload times would move."""
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


@pytest.fixture
def unreadable(world: World) -> set[str]:
    """Keys that S3 does not give to the function."""
    keys: set[str] = set()

    def refuse(operation: str, key: str) -> None:
        if operation in {"GET", "HEAD"} and key in keys:
            raise UnreadableError("S3 does not let the index read it", "AccessDenied to role/x")

    world.storage.before = refuse
    return keys


def test_a_file_that_nobody_can_read_is_quarantined_until_it_can(
    world: World, unreadable: set[str]
) -> None:
    """Archived, or encrypted with somebody's own key: only that file, and only as long as it is."""
    key = world.put("foo/", wheel(version="1.0"))
    world.put("foo/", wheel(version="2.0"))
    unreadable.add(key)
    world.index(key)
    assert world.filenames("foo/") == ["foo-2.0-py3-none-any.whl"]
    [bad] = world.json("foo/")["_quarantined"]
    assert bad["reason"] == "S3 does not let the index read it"
    # Only a person can mend it, but every rebuild tries.
    answer = world.command("rebuild")
    assert [one["what"] for one in answer["differences"]] == [
        "foo-1.0-py3-none-any.whl cannot be read: S3 does not let the index read it"
    ]
    assert (answer["mendable"], answer["regenerated"]) == (0, 1)
    world.drain()
    later = world.put("foo/", wheel(version="3.0"))
    unreadable.clear()
    world.index(later)
    assert len(world.filenames("foo/")) == 3
    assert world.json("foo/")["_quarantined"] == []
    assert world.differences() == []


def test_a_permission_that_the_function_has_lost_takes_nothing_from_a_page(
    world: World, unreadable: set[str]
) -> None:
    """Even if every file is looked at again, or metadata files are gone; only new ones wait."""
    keys = [world.add("foo/", wheel(version=f"{number}.0")) for number in range(3)]
    world.storage.remove(BUCKET, f"{keys[0]}.metadata")
    unreadable.update(keys)
    before = world.filenames("foo/")
    world.command("rebuild", fresh=True)
    world.drain()
    assert world.filenames("foo/") == before
    new = world.put("foo/", sdist(version="9.0"))
    unreadable.add(new)
    world.put("foo/", wheel(version="1.0", filler=b"changed"))
    world.index(new)
    page = world.json("foo/")
    assert [file["filename"] for file in page["_quarantined"]] == [
        "foo-1.0-py3-none-any.whl",  # has other bytes than those whose digest the page had
        "foo-9.0.tar.gz",
    ]
    assert world.filenames("foo/") == [before[0], before[2]]
    assert "core-metadata" not in page["files"][1]
    unreadable.clear()
    world.command("rebuild")
    world.drain()
    assert len(world.filenames("foo/")) == 4
    assert world.differences() == []


@pytest.mark.parametrize("filler", [b"", bytes(9 << 20)])
def test_a_file_with_a_content_encoding_is_quarantined(world: World, filler: bytes) -> None:
    """Some clients would unpack it on the way, and get something else than its digest."""
    key = f"foo/{wheel().filename}"
    content = wheel(filler=filler).content
    world.storage.upload(BUCKET, key, content, encoding="gzip", checksum=True)
    world.index(key)
    [bad] = world.json("foo/")["_quarantined"]
    assert "Content-Encoding: gzip" in bad["reason"]
    world.storage.upload(BUCKET, key, content)
    world.index(key)
    assert world.filenames("foo/") == [wheel().filename]


def test_an_html_page_whose_json_page_somebody_removed_goes_with_the_last_file(
    world: World,
) -> None:
    """As `aws s3 rm --recursive` does it while the function is at work."""
    key = world.add("foo/", wheel())
    for gone in (key, "foo/index.json"):
        world.storage.remove(BUCKET, gone)
    assert "foo/ has a page but no files" in world.differences()
    world.index(key)
    assert "foo/" not in world.storage.keys(BUCKET)
    assert world.names() == []
    assert world.differences() == []


def test_a_root_page_is_not_taken_for_a_projects(world: World) -> None:
    """Neither when its JSON form is gone, and somebody removes a file of that name."""
    world.add("team/foo/", wheel())
    world.storage.remove(BUCKET, "team/index.json")
    world.index("team/team-1.0.tar.gz")
    assert "team/" in world.storage.keys(BUCKET)


def test_a_mended_sidecar_is_forgotten_by_the_cdn(world: World) -> None:
    """It may have been fetched while it was wrong, and would be kept for a year."""
    key = world.add("foo/", wheel())
    world.storage.upload(BUCKET, f"{key}.metadata", b"junk")
    world.index(key)
    assert world.cdn.invalidated == [[f"/{key}", f"/{key}.metadata"]]


def test_a_key_whose_sidecar_would_be_too_long_is_quarantined(world: World) -> None:
    """S3 has room for 1,024 bytes."""
    directory = f"{'p' * 985}/foo/"
    world.put(f"{directory}foo-1.0+local.build-py3-none-any.whl", wheel().content)
    world.add(directory, wheel(version="2.0"))
    assert world.filenames(directory) == ["foo-2.0-py3-none-any.whl"]
    assert "too long" in world.json(directory)["_quarantined"][0]["reason"]


@pytest.mark.parametrize("directory", [f"{'p' * 1012}/foo/", f"{'f' * 129}/"])
def test_a_directory_that_can_have_no_page_fails_nothing(world: World, directory: str) -> None:
    """S3 has room for 1,024 bytes, and no project has a name of more than 128 characters."""
    key = f"{directory}f-1.zip"
    world.index(world.put(key, b""), world.put("foo/", wheel()))
    assert world.names() == ["foo"]
    assert any(directory in difference for difference in world.differences())


def test_a_quarantined_file_that_is_read_at_last_is_not_an_overwrite(world: World) -> None:
    """Its bytes are the same; only the verdict on them is another."""
    key = world.add("foo/", wheel())
    page = world.json("foo/")
    [file] = page["files"]
    page["files"], page["_quarantined"] = (
        [],
        [
            {
                "filename": file["filename"],
                "reason": "?",
                "etag": file["_etag"],
                "size": file["size"],
            }
        ],
    )
    del page[SEAL_KEY]
    world.storage.upload(BUCKET, "foo/index.json", sealed(page))
    world.command("rebuild", fresh=True)
    world.drain()
    assert world.filenames("foo/") == ["foo-1.0-py3-none-any.whl"]
    assert world.cdn.invalidated == []
    assert key in world.storage.keys(BUCKET)


def test_reasons_are_bounded_in_the_page_itself(world: World) -> None:
    """A hostile archive does not make its project's page large."""
    metadata = metadata_of("foo", "x" * 400_000)
    content = archive_zip({f"foo-1.0.dist-info/{'x' * 60_000}": metadata})
    world.index(world.put("foo/foo-1.0-py3-none-any.whl", content))
    assert len(world.json("foo/")["_quarantined"][0]["reason"]) <= 512


@pytest.fixture
def hurried(world: World) -> World:
    """An invocation has 30 seconds, each wheel takes ten to read, and half of them are kept."""

    def slow(operation: str, key: str) -> None:
        if operation == "GET" and key.endswith(".whl"):
            world.clock.sleep(10)

    world.storage.before = slow
    world.remaining = 30
    return world


def out_of_time(world: World, key: str, left: int) -> OutOfTimeError:
    """Invoke the indexer, which must run out of time with so many files left; how it says so."""
    [result] = world.invoke(key)
    assert isinstance(result.outcome, OutOfTimeError), result.outcome
    assert str(result.outcome).startswith(f"{left} files of bucket/foo are still to be read")
    return result.outcome


def test_more_files_than_one_invocation_can_look_at(hurried: World) -> None:
    """The page has those that there was time for; the message comes back and the rest follow."""
    keys = [hurried.put("foo/", wheel("foo", f"1.{number}")) for number in range(6)]
    for left in (4, 2):
        error = out_of_time(hurried, keys[0], left)
        assert hurried.names() == ["foo"]
        assert len(hurried.filenames("foo/")) == error.outcome.files == 6 - left
    hurried.index(keys[0])
    assert len(hurried.filenames("foo/")) == 6
    assert hurried.differences() == []


def test_a_fresh_look_that_runs_out_of_time_loses_nothing(hurried: World) -> None:
    """What has not been read again stays listed as it was."""
    keys = [hurried.add("foo/", wheel("foo", f"1.{number}")) for number in range(6)]
    before = hurried.json("foo/")
    with pytest.raises(OutOfTimeError):
        hurried.indexer.regenerate(FOO, Trigger(requested=True, fresh=True))
    assert hurried.json("foo/") == before
    hurried.index(keys[0])
    assert hurried.differences() == []


def test_files_whose_metadata_files_are_gone_stay_listed(hurried: World) -> None:
    """Without advertising what is not there, until there is time to make it again."""
    keys = [hurried.add("foo/", wheel("foo", f"1.{number}")) for number in range(6)]
    before = hurried.json("foo/")["files"]
    for key in keys:
        hurried.storage.remove(BUCKET, f"{key}.metadata")
    for left in (4, 2):
        out_of_time(hurried, keys[0], left)
        files = hurried.json("foo/")["files"]
        assert [file["filename"] for file in files] == [file["filename"] for file in before]
        assert len([file for file in files if "core-metadata" in file]) == 6 - left
    hurried.index(keys[0])
    assert hurried.json("foo/")["files"] == before
    assert hurried.differences() == []


def test_metadata_files_of_what_is_still_to_be_looked_at_stay(hurried: World) -> None:
    """Somebody else, who has the lease by now, may have made them and be about to name them."""
    files = [wheel("foo", f"1.{number}") for number in range(3)]
    keys = [hurried.put("foo/", file) for file in files]
    for key, file in zip(keys, files, strict=True):
        hurried.put(f"{key}.metadata", file.metadata)
    orphan = hurried.put("foo/foo-2.0-py3-none-any.whl.metadata", b"of a file that is gone")
    out_of_time(hurried, keys[0], left=1)
    assert all((BUCKET, f"{key}.metadata") in hurried.storage.objects for key in keys)
    assert (BUCKET, orphan) not in hurried.storage.objects


def test_what_is_out_of_date_is_not_listed_for_want_of_time(hurried: World) -> None:
    """A record of other bytes would be a wrong digest; its upload time is kept all the same."""
    keys = [hurried.add("foo/", wheel("foo", f"1.{number}")) for number in range(3)]
    times = {file["filename"]: file["upload-time"] for file in hurried.json("foo/")["files"]}
    for key in keys:  # the same bytes, as after a change of the bucket's KMS key
        body = hurried.storage.body(BUCKET, key)
        hurried.storage.upload(BUCKET, key, body, etag=f"kms-{key}")
    out_of_time(hurried, keys[0], left=1)
    assert len(hurried.filenames("foo/")) == 2
    hurried.index(keys[0])
    assert {
        file["filename"]: file["upload-time"] for file in hurried.json("foo/")["files"]
    } == times
    assert hurried.differences() == []


def test_a_large_file_is_given_up_when_time_is_up(world: World) -> None:
    """It has the whole of the next invocation; what is smaller is on the page already."""
    small = world.put("foo/", wheel("foo", "1.0"))
    large = world.put("foo/", wheel("foo", "2.0", filler=bytes(SMALL)))
    get_range = world.storage.get_range

    def slow(bucket: str, key: str, start: int, end: int, if_match: ETag) -> bytes:
        if start == 0:
            world.clock.sleep(45)
        return get_range(bucket, key, start, end, if_match)

    with patch.object(world.storage, "get_range", slow):
        world.remaining = 60
        out_of_time(world, large, left=1)
        assert world.filenames("foo/") == [small.removeprefix("foo/")]
        world.remaining = 600
        world.index(large)
    assert len(world.filenames("foo/")) == 2


def test_a_page_that_was_edited_keeps_upload_times(world: World) -> None:
    """They are nowhere else: S3 only knows when the object was put last."""
    foo = wheel("foo", "1.0")
    world.add("foo/", foo)
    [first] = world.json("foo/")["files"]
    key = world.add("foo/", foo)
    page = world.storage.body(BUCKET, "foo/index.json")
    world.storage.upload(BUCKET, "foo/index.json", page.replace(b'"versions"', b'"editions"'))
    world.index(key)
    [file] = world.json("foo/")["files"]
    assert file["upload-time"] == first["upload-time"]
    assert world.storage.body(BUCKET, "foo/index.json") == page


def test_a_file_that_is_overwritten_while_it_is_looked_at(world: World) -> None:
    """A record is of one version: no digest of one and entity tag of the other."""
    key = world.put("foo/", wheel("foo", "1.0"))
    other = wheel("foo", "1.0", "Summary: other").content

    def overwrite(operation: str, name: str) -> None:
        if (operation, name) == ("GET", key) and world.storage.body(BUCKET, key) != other:
            world.storage.upload(BUCKET, key, other)

    world.storage.before = overwrite
    [result] = world.invoke(key)
    assert isinstance(result.outcome, Outcome)
    assert result.outcome.conflicts == 1
    [file] = world.json("foo/")["files"]
    assert file["hashes"]["sha256"] == sha256(other)
    assert world.differences() == []


@pytest.mark.parametrize("edited", ["the file's digest", "the seal"])
def test_a_page_of_which_only_a_digest_was_edited_is_no_record(world: World, edited: str) -> None:
    """The edited digest would otherwise be published for as long as the file is unchanged."""
    key = world.add("foo/", wheel("foo", "1.0"))
    before = world.storage.body(BUCKET, "foo/index.json")
    digests = {
        "the file's digest": sha256(world.storage.body(BUCKET, key)),
        "the seal": world.json("foo/")[SEAL_KEY],
    }
    assert before.count(digests[edited].encode()) >= 1
    page = before.replace(digests[edited].encode(), b"0" * 64)
    world.storage.upload(BUCKET, "foo/index.json", page)
    assert world.differences() == ["foo/ the JSON page was edited"]
    world.index(key)
    assert world.storage.body(BUCKET, "foo/index.json") == before


def test_a_page_that_was_edited_is_no_record(world: World) -> None:
    """However well it was edited: every file is read again, and keeps its upload time."""
    key = world.add("foo/", wheel("foo", "1.0"))
    before = world.json("foo/")
    edited = json.dumps(before, separators=(",", ":")).replace('"size":', '"size":1')
    world.storage.upload(BUCKET, "foo/index.json", edited.encode() + b"\n")
    assert world.differences() == ["foo/ the JSON page was edited"]
    world.index(key)
    assert world.json("foo/") == before
    assert world.differences() == []


def test_a_redelivered_event_that_is_covered_checks_the_root_page(world: World) -> None:
    """The run that covers it may be an ordinary one, which does not."""
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


def test_a_stale_run_leaves_the_sidecar_that_a_newer_page_names(world: World) -> None:
    """Its own page was written before another run took the lease from it."""
    key = world.add("foo/", wheel())
    world.add("foo/", wheel(version="2.0"))
    sidecar = world.storage.body(BUCKET, f"{key}.metadata")
    world.storage.remove(BUCKET, key)
    seen: list[str] = []

    def take_over(operation: str, name: str) -> None:
        if (operation, name) == ("PUT", "foo/") and not seen:
            seen.append(name)
            world.storage.before = lambda *_: None
            item = world.table.items["bucket/foo"]
            world.table.items["bucket/foo"] = replace(item, owner=None)
            world.put("foo/", wheel())
            world.index(key)

    world.storage.before = take_over
    world.invoke(key)
    assert key.removeprefix("foo/") in world.filenames("foo/")
    assert world.storage.body(BUCKET, f"{key}.metadata") == sidecar
