"""Misplaced files are moved, or left and reported, but never lost or overwritten."""

import pytest

from lambda_indexer.errors import UnreadableError
from lambda_indexer.index.filing import Filed
from tests.factories import Distribution, sdist, wheel
from tests.unit.indexer.conftest import BUCKET, World


def problem(world: World, key: str) -> str | None:
    """File a misplaced file, and return the reported problem."""
    result = world.index(key)[0]
    assert isinstance(result.outcome, Filed)
    return result.outcome.problem


@pytest.mark.parametrize(
    ("dropped", "distribution", "filed"),
    [
        ("", wheel("foo"), "foo/"),
        ("", sdist("foo-bar"), "foo-bar/"),
        ("", sdist("foo", "1.0-beta", filename="foo-1.0-beta.tar.gz"), "foo/"),
        ("", sdist("foo-bar", "1.0", filename="foo-bar-1.0.tar.gz"), "foo-bar/"),
        ("Foo_Bar/", wheel("foo-bar"), "foo-bar/"),
        ("team/Foo.Bar/", wheel("foo-bar"), "team/foo-bar/"),
        ("Foo/", sdist("foo", extension=".tar.xz"), "foo/"),
    ],
)
def test_a_dropped_file_is_filed(
    world: World, dropped: str, distribution: Distribution, filed: str
) -> None:
    """It is moved to its project's directory, unchanged, and is listed."""
    key = world.put(dropped, distribution)
    world.index(key)
    assert key not in world.storage.keys(BUCKET)
    assert world.storage.body(BUCKET, filed + distribution.filename) == distribution.content
    assert world.filenames(filed) == [distribution.filename]
    world.index(key, filed + distribution.filename)  # the events that the move itself raises
    assert world.filenames(filed) == [distribution.filename]


def test_a_file_dropped_into_an_index_is_filed_there(world: World) -> None:
    """The name of the index does not matter."""
    for index in ("team/", "Team/", "2.x_stable!/"):
        world.add(f"{index}foo/", wheel("foo"))
        world.add(index, wheel("bar"))
        assert world.names(index) == ["bar", "foo"]


def test_nothing_is_overwritten(world: World) -> None:
    """If a different file exists at the target, both stay, which is reported."""
    first = wheel("foo")
    world.add("foo/", first)
    second = wheel("foo", "1.0", "Summary: different")
    key = world.put("", second)
    assert "a different file already exists" in str(problem(world, key))
    assert world.storage.body(BUCKET, key) == second.content
    assert world.storage.body(BUCKET, f"foo/{first.filename}") == first.content


@pytest.mark.parametrize("etag", [None, "opaque-2"])
def test_the_same_file_again_is_only_tidied_up(world: World, etag: str | None) -> None:
    """If the target has the same bytes, as after an interrupted move, the file is deleted."""
    foo = wheel("foo")
    world.add("foo/", foo)
    world.storage.upload(BUCKET, foo.filename, foo.content, etag=etag)
    assert problem(world, foo.filename) is None
    assert foo.filename not in world.storage.keys(BUCKET)
    assert world.filenames("foo/") == [foo.filename]


@pytest.mark.parametrize(
    ("key", "content", "reason"),
    [
        ("junk-1.0-0.zip", b"", "its project cannot be determined"),
        ("foo.whl", b"", "not a valid wheel filename"),
        ("Bar/foo-1.0-py3-none-any.whl", b"", "is in the directory of bar"),
        ("no project!/foo-1.0-py3-none-any.whl", b"", "neither a project's directory nor an index"),
        ("a//foo-1.0-py3-none-any.whl", b"", "cannot be part of a URL"),
        ("../foo-1.0-py3-none-any.whl", b"", "cannot be part of a URL"),
    ],
)
def test_what_cannot_be_filed_is_reported(
    world: World, key: str, content: bytes, reason: str
) -> None:
    """The file stays, and nothing is written."""
    world.put(key, content)
    assert reason in str(problem(world, key))
    assert world.storage.keys(BUCKET) == [key]


def test_a_file_in_another_projects_directory_is_not_moved(world: World) -> None:
    """It is reported on that project's page."""
    world.add("bar/", wheel("bar"))
    key = world.add("bar/", wheel("foo"))
    assert key in world.storage.keys(BUCKET)
    [bad] = world.json("bar/")["_quarantined"]
    assert "belongs to the project 'foo'" in bad["reason"]


def test_a_file_that_changes_while_it_is_filed_is_not_lost(world: World) -> None:
    """Only the version that was copied is deleted."""
    key = world.put("", wheel("foo"))
    new = wheel("foo", "1.0", "Summary: new")

    def overwrite(operation: str, name: str) -> None:
        if (operation, name) == ("DELETE", key):
            world.put("", new)

    world.storage.before = overwrite
    assert "a different file already exists" in str(problem(world, key))
    assert world.storage.body(BUCKET, key) == new.content


def test_an_event_of_a_file_that_is_gone_needs_nothing(world: World) -> None:
    """Events of deleted files, such as those of moves, are ignored."""
    assert problem(world, "foo-1.0-py3-none-any.whl") is None
    assert world.storage.keys(BUCKET) == []


def test_a_yank_moves_ahead_of_its_file(world: World) -> None:
    """A yanked file is yanked at any time during its move."""
    key = world.put("Foo/", wheel("foo"))
    world.put(f"{key}.yanked", b"oops")
    world.index(key)
    assert world.json("foo/")["files"][0]["yanked"] == "oops"
    assert [key for key in world.storage.keys(BUCKET) if key.startswith("Foo/")] == []
    moved = [target for operation, target in world.storage.calls if operation == "COPY"]
    assert moved == [f"foo/{wheel().filename}.yanked", f"foo/{wheel().filename}"]


def test_a_file_that_nobody_can_read_is_left_where_it_lies(world: World) -> None:
    """Other files of the directory are moved."""
    hidden = world.put("", sdist("foo", "1.0-beta", filename="foo-1.0-beta.tar.gz"))
    other = world.put("", wheel("bar"))

    def refuse(operation: str, key: str) -> None:
        if (operation, key) == ("GET", hidden):
            raise UnreadableError("archived")

    world.storage.before = refuse
    world.index(hidden, other)
    assert world.names() == ["bar"]
    assert hidden in world.storage.keys(BUCKET)


def test_a_target_that_is_too_long_is_reported(world: World) -> None:
    """A file whose project name is too long is reported."""
    filename = f"{'a' * 200}-1.0-py3-none-any.whl"
    world.put(filename, b"")
    assert "longer than 128" in str(problem(world, filename))


def test_a_refused_file_yanks_nothing(world: World) -> None:
    """If a different file exists at the target, the marker is not moved."""
    world.add("foo/", wheel("foo"))
    key = world.put("", wheel("foo", "1.0", "Summary: different"))
    world.put(f"{key}.yanked", b"oops")
    assert "different file already exists" in str(problem(world, key))
    assert problem(world, f"{key}.yanked") is None
    world.index(f"foo/{key}")
    assert "yanked" not in world.json("foo/")["files"][0]
    assert f"{key}.yanked" in world.storage.keys(BUCKET)


def test_a_file_that_loses_its_place_takes_its_marker_back(world: World) -> None:
    """If a file arrives at the target after the marker was moved, it is moved back."""
    key = world.put("", wheel("foo"))
    world.put(f"{key}.yanked", b"oops")

    def overtake(operation: str, target: str) -> None:
        if (operation, target) == ("COPY", f"foo/{key}"):
            world.storage.before = lambda *_: None
            world.put("foo/", wheel("foo", "1.0", "Summary: different"))

    world.storage.before = overtake
    assert "different file already exists" in str(problem(world, key))
    assert f"{key}.yanked" in world.storage.keys(BUCKET)
    assert f"foo/{key}.yanked" not in world.storage.keys(BUCKET)


@pytest.mark.parametrize("directory", ["", "Foo/"])
def test_a_marker_that_arrives_after_its_file_follows_it(world: World, directory: str) -> None:
    """A marker that arrives later is moved to its file, also by a rebuild."""
    key = world.add(directory, wheel("foo"))
    marker = world.put(f"{key}.yanked", b"oops")
    assert f"{marker} is outside of a project's directory" in world.differences()
    world.command("rebuild")
    world.drain()
    world.index(f"foo/{wheel().filename}.yanked")
    assert world.json("foo/")["files"][0]["yanked"] == "oops"
    assert marker not in world.storage.keys(BUCKET)
    assert world.differences() == []


def test_a_file_that_leaves_its_place_while_it_is_compared(world: World) -> None:
    """The other one takes the place; it does not stay behind as if it were gone itself."""
    foo = wheel("foo")
    world.storage.upload(BUCKET, f"foo/{foo.filename}", foo.content, etag="opaque")
    key = world.put("", foo)

    def remove(operation: str, name: str) -> None:
        if (operation, name) == ("HEAD", f"foo/{key}") and ("HEAD", name) in world.storage.calls:
            world.storage.before = lambda *_: None
            world.storage.remove(BUCKET, name)

    world.storage.before = remove
    world.index(key)
    assert world.filenames("foo/") == [foo.filename]
    assert key not in world.storage.keys(BUCKET)


def test_a_marker_that_was_passed_over_follows_its_file(world: World) -> None:
    """When it was handled, its file was still there, of which the project had a copy already."""
    world.add("foo/", wheel("foo"))
    key = world.put("", wheel("foo"))
    marker = world.put(f"{key}.yanked", b"oops")
    world.index(marker, key)
    world.index(f"foo/{key}")
    assert world.json("foo/")["files"][0]["yanked"] == "oops"
    assert marker not in world.storage.keys(BUCKET)


def test_a_marker_of_no_file_is_reported(world: World) -> None:
    """A marker without its file stays, and is reported."""
    marker = world.put("foo-1.0-py3-none-any.whl.yanked", b"oops")
    assert "does not exist: foo/foo-1.0" in str(problem(world, marker))
    assert world.storage.keys(BUCKET) == [marker]


@pytest.mark.parametrize("directory", ["", "Team/"])
def test_no_file_is_filed_into_another_index(world: World, directory: str) -> None:
    """A project cannot have the name of a declared index; its file stays, and is reported."""
    world.prefixes = frozenset({"team/"})
    key = world.put(directory, wheel("team"))
    assert "team/ is an index" in str(problem(world, key))
    assert world.storage.keys(BUCKET) == [key]
