"""Regenerate projects whose pages are damaged, edited or not the indexer's."""

import json

import pytest

from lambda_indexer.index.outcome import Outcome
from lambda_indexer.pages.rendering import SEAL_KEY
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World
from tests.unit.indexer.regenerating import sha256


def test_foreign_objects_are_left_alone(world: World) -> None:
    """Objects that are not distributions are not listed, changed or read."""
    for name in ("README.md", "foo-1.0.exe", "deep/er/foo-1.0.tar.gz.asc", "x.metadata"):
        world.put(f"foo/{name}", b"?")
    world.add("foo/", wheel())
    assert world.filenames("foo/") == ["foo-1.0-py3-none-any.whl"]
    assert world.storage.body(BUCKET, "foo/x.metadata") == b"?"


@pytest.mark.parametrize("garbage", [b"", b"\xff", b"[]", b"{}", b'{"files": [1]}', b"[" * 9999])
def test_a_page_that_does_not_parse_is_no_record(world: World, garbage: bytes) -> None:
    """An invalid page is replaced, and all files are read."""
    world.put("foo/index.json", garbage)
    world.add("foo/", wheel())
    assert world.filenames("foo/") == ["foo-1.0-py3-none-any.whl"]
    assert world.names() == ["foo"]


def test_a_page_edited_by_an_old_client_is_put_right(world: World) -> None:
    """Foreign HTML is replaced by the next event, even if the JSON page is unchanged."""
    key = world.add("foo/", wheel())
    right = world.html("foo/")
    world.storage.upload(BUCKET, "foo/", b"<html>edited</html>")
    world.index(key)
    assert world.html("foo/") == right


def test_html_with_an_opaque_entity_tag_is_compared_by_its_bytes(world: World) -> None:
    """With KMS, whose entity tags are not MD5s, an unchanged page is not rewritten."""
    key = world.add("foo/", wheel())
    world.storage.upload(BUCKET, "foo/", world.storage.body(BUCKET, "foo/"), etag="opaque")
    world.forget()
    world.index(key)
    assert "PUT" not in world.storage.operations()


def test_what_is_not_ours_is_never_deleted(world: World) -> None:
    """Pages of other programs are not deleted."""
    world.put("www/index.json", b'{"my": "site"}')
    world.put("www/index.html", b"<html>my site</html>")
    world.put("www/", b"")
    before = dict(world.storage.objects)
    world.index("www/app-1.0.zip")
    assert {key: world.storage.objects[key] for key in before} == before


def test_a_damaged_root_page_is_reported(world: World) -> None:
    """The other projects are missing until the next rebuild, which is reported."""
    world.add("aaa/", wheel("aaa"))
    world.storage.remove(BUCKET, "index.json")
    [result] = world.index(world.put("foo/", wheel()))
    assert isinstance(result.outcome, Outcome)
    assert "now lists only the projects known so far" in str(result.outcome.problem)
    assert world.names() == ["foo"]
    world.command("rebuild")
    world.drain()
    assert world.names() == ["aaa", "foo"]


def test_an_html_page_whose_json_page_somebody_removed_goes_with_the_last_file(
    world: World,
) -> None:
    """The HTML page is deleted, as after `aws s3 rm --recursive` during a run."""
    key = world.add("foo/", wheel())
    for gone in (key, "foo/index.json"):
        world.storage.remove(BUCKET, gone)
    assert "foo/ has a page but no files" in world.differences()
    world.index(key)
    assert "foo/" not in world.storage.keys(BUCKET)
    assert world.names() == []
    assert world.differences() == []


def test_a_root_page_is_not_taken_for_a_projects(world: World) -> None:
    """A root page is not deleted if its JSON page and a file beside it are removed."""
    world.add("team/foo/", wheel())
    world.storage.remove(BUCKET, "team/index.json")
    world.index("team/team-1.0.tar.gz")
    assert "team/" in world.storage.keys(BUCKET)


def test_a_page_that_was_edited_keeps_upload_times(world: World) -> None:
    """Upload times are kept, because S3 only has those of the last write."""
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


@pytest.mark.parametrize("edited", ["the file's digest", "the seal"])
def test_a_page_of_which_only_a_digest_was_edited_is_no_record(world: World, edited: str) -> None:
    """An edited digest is not kept, even if the file is unchanged."""
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
    """After any edit, all files are read again, and keep their upload times."""
    key = world.add("foo/", wheel("foo", "1.0"))
    before = world.json("foo/")
    edited = json.dumps(before, separators=(",", ":")).replace('"size":', '"size":1')
    world.storage.upload(BUCKET, "foo/index.json", edited.encode() + b"\n")
    assert world.differences() == ["foo/ the JSON page was edited"]
    world.index(key)
    assert world.json("foo/") == before
    assert world.differences() == []


def test_an_edited_page_keeps_upload_times_of_files_to_be_read(world: World) -> None:
    """They are stored nowhere else, and count only with the digest."""
    key = world.add("foo/", wheel("foo", "1.0"))
    before = world.json("foo/")
    page = world.json("foo/")
    page["_unread"], page["files"] = page["files"], []
    page["_unread"][0]["upload-time"] = "2020-01-01T00:00:00Z"
    world.storage.upload(BUCKET, "foo/index.json", json.dumps(page).encode())
    world.index(key)
    [file], [first] = world.json("foo/")["files"], before["files"]
    assert file["upload-time"] == "2020-01-01T00:00:00Z"
    assert file["hashes"] == first["hashes"]
