"""Regenerate projects that are too large for one invocation."""

from unittest.mock import patch

import pytest

from lambda_indexer.files.inspection import SMALL
from lambda_indexer.index.outcome import OutOfTimeError, Trigger
from lambda_indexer.model import ETag
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World
from tests.unit.indexer.regenerating import FOO


@pytest.fixture
def hurried(world: World) -> World:
    """Give an invocation 30 seconds, of which half are reserved; each wheel takes ten."""

    def slow(operation: str, key: str) -> None:
        if operation == "GET" and key.endswith(".whl"):
            world.clock.sleep(10)

    world.storage.before = slow
    world.remaining = 30
    return world


def out_of_time(world: World, key: str, left: int) -> OutOfTimeError:
    """Invoke the indexer, which must run out of time, and return the error."""
    [result] = world.invoke(key)
    assert isinstance(result.outcome, OutOfTimeError), result.outcome
    assert str(result.outcome).startswith(f"{left} files of bucket/foo are still to be read")
    return result.outcome


def test_more_files_than_one_invocation_can_look_at(hurried: World) -> None:
    """The page lists the files so far; the message fails, and a retry continues."""
    keys = [hurried.put("foo/", wheel("foo", f"1.{number}")) for number in range(6)]
    for left in (4, 2):
        error = out_of_time(hurried, keys[0], left)
        assert hurried.names() == ["foo"]
        assert len(hurried.filenames("foo/")) == error.outcome.files == 6 - left
    hurried.index(keys[0])
    assert len(hurried.filenames("foo/")) == 6
    assert hurried.differences() == []


def test_a_fresh_look_that_runs_out_of_time_loses_nothing(hurried: World) -> None:
    """Files that were not read again stay listed."""
    keys = [hurried.add("foo/", wheel("foo", f"1.{number}")) for number in range(6)]
    before = hurried.json("foo/")
    with pytest.raises(OutOfTimeError):
        hurried.indexer.regenerate(FOO, Trigger(requested=True, fresh=True))
    assert hurried.json("foo/") == before
    hurried.index(keys[0])
    assert hurried.differences() == []


def test_files_whose_metadata_files_are_gone_stay_listed(hurried: World) -> None:
    """Files stay listed without their missing metadata files until these are restored."""
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
    """Unlisted metadata files stay, because another run may have created them."""
    files = [wheel("foo", f"1.{number}") for number in range(3)]
    keys = [hurried.put("foo/", file) for file in files]
    for key, file in zip(keys, files, strict=True):
        hurried.put(f"{key}.metadata", file.metadata)
    orphan = hurried.put("foo/foo-2.0-py3-none-any.whl.metadata", b"of a file that is gone")
    out_of_time(hurried, keys[0], left=1)
    assert all((BUCKET, f"{key}.metadata") in hurried.storage.objects for key in keys)
    assert (BUCKET, orphan) not in hurried.storage.objects


def test_what_is_out_of_date_is_not_listed_for_want_of_time(hurried: World) -> None:
    """A changed file is not listed until it is read, and keeps its upload time."""
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
    """A large file gets most of the next invocation, after smaller files are listed."""
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


def test_upload_times_survive_more_than_one_invocation(hurried: World) -> None:
    """A file that two invocations have no time for keeps its upload time."""
    keys = [hurried.add("foo/", wheel("foo", f"1.{number}")) for number in range(5)]
    times = {file["filename"]: file["upload-time"] for file in hurried.json("foo/")["files"]}
    for key in keys:
        body = hurried.storage.body(BUCKET, key)
        hurried.storage.upload(BUCKET, key, body, etag=f"kms-{key}")
    for left in (3, 1):
        out_of_time(hurried, keys[0], left)
    hurried.index(keys[0])
    assert {
        file["filename"]: file["upload-time"] for file in hurried.json("foo/")["files"]
    } == times


def test_reasons_stay_until_there_is_time(hurried: World) -> None:
    """Without time, an unchanged file stays quarantined; a new version has no reason yet."""
    bad, worse = (f"foo/foo-{number}.0-py3-none-any.whl" for number in (8, 9))
    for key in (bad, worse):
        hurried.storage.upload(BUCKET, key, b"junk" * 10_000)
        hurried.index(key)
    for number in range(3):
        hurried.put("foo/", wheel("foo", f"1.{number}"))
    hurried.storage.upload(BUCKET, worse, b"other junk" * 10_000)
    with pytest.raises(OutOfTimeError):
        hurried.indexer.regenerate(FOO, Trigger(requested=True, fresh=True))
    quarantined = [f"foo/{file['filename']}" for file in hurried.json("foo/")["_quarantined"]]
    assert quarantined == [bad]
