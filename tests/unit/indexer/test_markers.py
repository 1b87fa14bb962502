"""Yanks, statuses, overwrites and removals: their effects and costs."""

import hashlib
import json
from collections import Counter
from dataclasses import replace

import pytest

from lambda_indexer.errors import CdnError, UnreadableError
from lambda_indexer.index.outcome import Outcome
from lambda_indexer.model import ETag
from tests.factories import sdist, wheel
from tests.unit.indexer.conftest import BUCKET, World

FOO = "foo/foo-1.0-py3-none-any.whl"
STATUS = "foo/.project-status"


def yanked(world: World) -> list[object]:
    """Return the yanked status of each file on the page."""
    return [file.get("yanked") for file in world.json("foo/")["files"]]


def outcome(world: World, key: str) -> Outcome:
    """Index a key, and return the result of its project."""
    [result] = world.index(key)
    assert isinstance(result.outcome, Outcome)
    return result.outcome


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", True),
        (b"  \n", True),
        (b"broken on 3.12\n", "broken on 3.12"),
        ('say "<&" \u2603'.encode(), 'say "<&" \u2603'),
        (b"false", "false"),
        (b"two\r\nlines\x00\x1b[31m", "two lines[31m"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"x" * 100_000, "x" * 512),
    ],
)
def test_a_file_is_yanked_by_its_marker(world: World, body: bytes, expected: object) -> None:
    """A marker with any content yanks the file on both pages."""
    world.add("foo/", wheel())
    marker = world.put(f"{FOO}.yanked", body)
    world.index(marker)
    assert yanked(world) == [expected]
    assert "data-yanked=" in world.html("foo/")


def test_a_yank_is_undone_by_removing_its_marker(world: World) -> None:
    """The other data of the file's record does not change."""
    world.add("foo/", wheel())
    before = world.json("foo/")
    marker = world.put(f"{FOO}.yanked", b"oops")
    world.index(marker)
    world.storage.remove(BUCKET, marker)
    world.index(marker)
    assert world.json("foo/") == before


def test_a_changed_reason_is_read_again(world: World) -> None:
    """Only changed markers are read again."""
    world.add("foo/", wheel())
    marker = world.put(f"{FOO}.yanked", b"one")
    world.index(marker)
    world.put(marker, b"two")
    world.index(marker)
    assert yanked(world) == ["two"]
    world.forget()
    world.add("foo/", wheel(version="2.0"))
    assert ("GET", marker) not in world.storage.calls
    assert yanked(world) == [None, "two"]


def test_the_cost_of_a_yank(world: World) -> None:
    """A yank takes one LIST, the page, the marker if not empty, and two pages."""
    world.add("foo/", wheel())
    world.forget()
    world.index(world.put(f"{FOO}.yanked", b"reason"))
    assert Counter(world.storage.operations()) == {"LIST": 1, "GET": 2, "PUT": 2}
    world.forget()
    world.index(world.put(f"{FOO}.yanked", b""))
    assert Counter(world.storage.operations()) == {"LIST": 1, "GET": 1, "PUT": 2}


def test_a_marker_without_its_file_does_nothing(world: World) -> None:
    """A marker before its file stays, and does not create a project."""
    marker = world.put(f"{FOO}.yanked", b"")
    world.index(marker)
    assert world.storage.keys(BUCKET) == [marker]
    world.add("foo/", wheel())
    assert yanked(world) == [True]


def test_a_yank_survives_the_overwriting_of_its_file(world: World) -> None:
    """An overwritten file stays yanked."""
    world.add("foo/", wheel())
    world.index(world.put(f"{FOO}.yanked", b"oops"))
    world.add("foo/", wheel("foo", "1.0", "Summary: new"))
    assert yanked(world) == ["oops"]


@pytest.mark.parametrize("status", ["active", "archived", "quarantined", "deprecated"])
@pytest.mark.parametrize("reason", [None, "", 'moved "<&" away'])
def test_the_projects_status(world: World, status: str, reason: str | None) -> None:
    """The status and its reason are on both pages."""
    world.add("foo/", wheel())
    said = {"status": status} | ({} if reason is None else {"reason": reason})
    world.index(world.put(STATUS, json.dumps(said).encode()))
    expected = {"status": status} | ({"reason": reason} if reason else {})
    assert world.json("foo/")["project-status"] == expected
    assert f'<meta name="pypi:project-status" content="{status}">' in world.html("foo/")
    assert ("pypi:project-status-reason" in world.html("foo/")) == bool(reason)
    assert len(world.filenames("foo/")) == (0 if status == "quarantined" else 1)
    assert world.names() == ["foo"]


def test_a_quarantined_project_comes_back_as_it_was(world: World) -> None:
    """After a quarantine, no file is read again, and upload times are unchanged."""
    world.add("foo/", wheel())
    before = world.json("foo/")
    world.index(world.put(STATUS, b'{"status": "quarantined"}'))
    assert world.filenames("foo/") == []
    world.add("foo/", sdist(version="2.0"))
    assert world.filenames("foo/") == []
    world.storage.remove(BUCKET, "foo/foo-2.0.tar.gz")
    world.storage.remove(BUCKET, STATUS)
    world.forget()
    world.index(STATUS)
    assert world.json("foo/") == before
    assert ("GET", FOO) not in world.storage.calls


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"archived", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 15_000, "not JSON"),
        (b'["archived"]', "not of the form"),
        (b'{"status": "retired"}', "not one of active, archived, deprecated, quarantined"),
        (b'{"status": ["archived"]}', "not one of"),
        (b'{"status": "archived", "reason": 7}', "reason is not a string"),
        (b'{"status": "archived", "reason": "' + b"x" * 20_000 + b'"}', "larger than 16384 bytes"),
    ],
)
def test_an_invalid_status_is_reported_and_ignored(world: World, body: bytes, reason: str) -> None:
    """With an invalid status, the project is active, and the page shows the problem."""
    world.add("foo/", wheel())
    result = outcome(world, world.put(STATUS, body))
    assert "project-status" not in world.json("foo/")
    assert world.filenames("foo/") == ["foo-1.0-py3-none-any.whl"]
    [bad] = result.newly_refused
    assert bad.filename == ".project-status"
    assert reason in bad.reason
    assert reason in world.html("foo/")
    again = outcome(world, STATUS)
    assert again.newly_refused == ()
    assert again.removed == ()
    assert world.cdn.invalidated == []
    world.storage.remove(BUCKET, STATUS)
    world.index(STATUS)
    assert world.json("foo/")["_quarantined"] == []


def test_a_reason_with_half_a_character_makes_no_invalid_page(world: World) -> None:
    """Unpaired surrogates in a reason result in a valid page."""
    world.add("foo/", wheel())
    world.index(world.put(STATUS, b'{"status": "archived", "reason": "a\\ud800b"}'))
    assert world.json("foo/")["project-status"]["reason"] == "ab"


def test_an_overwritten_file_is_forgotten_by_the_cdn(world: World) -> None:
    """The paths of the file and its metadata file are invalidated, and it is reported."""
    world.add("foo/", wheel("foo", "1.0+cu1"))
    assert world.cdn.invalidated == []
    key = world.put("foo/", wheel("foo", "1.0+cu1", "Summary: new"))
    assert outcome(world, key).overwritten == ("foo-1.0+cu1-py3-none-any.whl",)
    spellings = [f"/foo/foo-1.0{plus}cu1-py3-none-any.whl" for plus in ("%2B", "+")]
    paths = [f"{path}{end}" for path in spellings for end in ("", ".metadata")]
    assert world.cdn.invalidated == [paths]
    assert outcome(world, key).overwritten == ()


def test_the_same_bytes_again_are_not_an_overwrite(world: World) -> None:
    """The paths are invalidated nevertheless, because other content may be cached."""
    key = world.add("foo/", wheel())
    world.storage.upload(BUCKET, key, wheel().content, etag="0123-2")
    assert outcome(world, key).overwritten == ()
    assert world.cdn.invalidated == [[f"/{key}", f"/{key}.metadata"]]


def test_other_bytes_with_the_same_entity_tag(world: World) -> None:
    """The digest on the page is that of the new content, even if its MD5 is the same."""
    key = world.add("foo/", sdist("foo"))
    before = world.json("foo/")["files"][0]
    other = sdist("foo", "1.0", "Summary: other").content.ljust(before["size"], b"\0")
    world.storage.upload(BUCKET, key, other[: before["size"]], etag=before["_etag"])
    world.index(key)
    after = world.json("foo/")
    listed = [file["hashes"]["sha256"] for file in after["files"]]
    assert before["hashes"]["sha256"] not in listed
    assert world.differences() == []


def test_a_file_that_is_put_again_is_read_once(world: World) -> None:
    """A file with the same content is read once, and keeps its upload time."""
    key = world.add("foo/", wheel())
    first = world.json("foo/")["files"][0]["upload-time"]
    world.put("foo/", wheel())
    world.index(key)
    assert world.json("foo/")["files"][0]["upload-time"] == first
    world.forget()
    world.index(key)
    assert ("GET", key) not in world.storage.calls
    assert world.differences() == []


def test_a_removed_file_is_forgotten_by_the_cdn(world: World) -> None:
    """The path is invalidated, because another file may get the name."""
    key = world.add("p/foo/", wheel())
    world.storage.remove(BUCKET, key)
    assert outcome(world, key).removed == ("foo-1.0-py3-none-any.whl",)
    assert world.cdn.invalidated == [[f"/{key}", f"/{key}.metadata"]]


def test_many_files_are_forgotten_by_their_directory(world: World) -> None:
    """Many paths are invalidated with one wildcard, because CloudFront charges for each."""
    keys = [world.put("foo/", wheel(version=f"1.{number}")) for number in range(40)]
    world.index(*keys)
    for key in keys:
        world.storage.remove(BUCKET, key)
    world.index(*keys)
    assert world.cdn.invalidated == [["/foo/*"]]


def test_a_cdn_that_fails_is_asked_again(world: World) -> None:
    """If CloudFront fails, the message fails, and the next run finds the path in the lock item."""
    world.add("foo/", wheel())
    key = world.put("foo/", wheel("foo", "1.0", "Summary: new"))
    world.cdn.failing = True
    [result] = world.invoke(key)
    assert isinstance(result.outcome, CdnError)
    world.cdn.failing = False
    [again] = world.index(key)
    assert isinstance(again.outcome, Outcome)
    assert not again.outcome.recovery
    assert world.cdn.invalidated == [[f"/{key}", f"/{key}.metadata"]]
    world.index(key)
    assert len(world.cdn.invalidated) == 1


def test_one_invalidation_for_an_invocation(world: World) -> None:
    """An invocation creates at most one invalidation."""
    keys = [world.add(f"p{number}/", wheel(f"p{number}")) for number in range(12)]
    for number in range(12):
        world.put(f"p{number}/", wheel(f"p{number}", "1.0", "Summary: new"))
    world.index(*keys)
    assert world.cdn.invalidated == [
        sorted(f"/{key}{end}" for key in keys for end in ("", ".metadata"))
    ]


def test_an_sdist_has_no_sidecar_to_forget(world: World) -> None:
    """Only the path of an sdist is invalidated."""
    key = world.add("foo/", sdist("foo"))
    world.storage.remove(BUCKET, key)
    world.index(key)
    assert world.cdn.invalidated == [[f"/{key}"]]


def test_a_marker_is_read_to_its_limit_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most the allowed size of a marker is read."""
    world.add("foo/", wheel())
    lengths = []
    get_range = world.storage.get_range

    def note(bucket: str, key: str, start: int, end: int, if_match: ETag) -> bytes:
        if key.endswith(".yanked"):
            lengths.append(end - start)
        return get_range(bucket, key, start, end, if_match)

    monkeypatch.setattr(world.storage, "get_range", note)
    world.index(world.put(f"{FOO}.yanked", b"oops\n" + b"x" * 5_000_000))
    assert lengths == [16 * 1024]
    [reason] = yanked(world)
    assert str(reason).startswith("oops")


def test_a_marker_that_nobody_can_read(world: World) -> None:
    """An unreadable yank has no reason, an unreadable status is reported."""
    world.add("foo/", wheel())

    def refuse(operation: str, key: str) -> None:
        if operation == "GET" and key.endswith((".yanked", ".project-status")):
            raise UnreadableError("archived")

    world.storage.before = refuse
    world.index(world.put(f"{FOO}.yanked", b"secret"), world.put(STATUS, b"secret"))
    assert yanked(world) == [True]
    assert "cannot be read" in world.json("foo/")["_quarantined"][0]["reason"]


@pytest.mark.parametrize("marker", [f"{FOO}.yanked", STATUS])
def test_a_marker_that_is_removed_while_it_is_read(world: World, marker: str) -> None:
    """The run starts again, and finds no marker."""
    world.add("foo/", wheel())
    before = world.json("foo/")
    world.put(marker, b'{"status": "archived"}')

    def remove(operation: str, key: str) -> None:
        if (operation, key) == ("GET", marker):
            world.storage.before = lambda *_: None
            world.storage.remove(BUCKET, marker)

    world.storage.before = remove
    assert outcome(world, marker).conflicts == 1
    assert world.json("foo/") == before


def test_a_status_that_changes_is_read_again(world: World) -> None:
    """A record of a marker counts for its version only."""
    world.add("foo/", wheel())
    for status in ("archived", "deprecated"):
        world.index(world.put(STATUS, json.dumps({"status": status}).encode()))
        assert world.json("foo/")["project-status"]["status"] == status


@pytest.mark.parametrize("good", [False, True])
def test_other_content_of_the_same_size_and_time_is_read(world: World, *, good: bool) -> None:
    """Another version is recognized by its entity tag alone."""
    first, second = (wheel("foo", "1.0", f"Summary: {text}") for text in ("one", "two"))
    assert len(first.content) == len(second.content)
    key = f"foo/{first.filename}"
    world.storage.upload(BUCKET, key, first.content if good else bytes(len(first.content)))
    world.index(key)
    before = world.storage.objects[BUCKET, key]
    world.storage.upload(BUCKET, key, second.content)
    after = world.storage.objects[BUCKET, key]
    world.storage.objects[BUCKET, key] = replace(after, last_modified=before.last_modified)
    world.index(key)
    [file] = world.json("foo/")["files"]
    assert file["hashes"]["sha256"] == hashlib.sha256(second.content).hexdigest()
