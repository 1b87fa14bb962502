"""Read files: metadata, digests, and the reasons to quarantine a file."""

from collections import Counter
from random import Random

import pytest

from lambda_indexer.errors import UnreadableError
from lambda_indexer.index.outcome import Outcome
from lambda_indexer.pages.rendering import SEAL_KEY, sealed
from tests.factories import archive_tar, archive_zip, metadata_of, sdist, wheel
from tests.unit.indexer.conftest import BUCKET, World
from tests.unit.indexer.regenerating import sha256


def test_a_bad_file_is_quarantined_and_the_others_are_listed(world: World) -> None:
    """An invalid file does not affect others, and its reason is on the page."""
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
    """An invalid file is read once."""
    key = world.put("foo/foo-1.0.tar.gz", b"junk")
    world.index(key)
    world.forget()
    world.index(key)
    assert ("GET", key) not in world.storage.calls
    world.put("foo/", sdist("foo", "1.0"))
    world.index(key)
    assert world.filenames("foo/") == ["foo-1.0.tar.gz"]
    assert world.json("foo/")["_quarantined"] == []


def test_a_large_wheel_with_a_checksum_is_read_by_ranges(world: World) -> None:
    """With S3's SHA-256 of the object, only the end of the file is read."""
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
    """Large files of all formats have the right digest."""
    monkeypatch.setattr("lambda_indexer.files.inspection.SMALL", 100)
    foo = sdist(extension=extension)
    world.storage.upload(BUCKET, f"foo/{foo.filename}", foo.content, checksum=checksum)
    world.index(f"foo/{foo.filename}")
    [file] = world.json("foo/")["files"]
    assert file["hashes"]["sha256"] == sha256(foo.content)


@pytest.mark.parametrize("mode", ["gz", "bz2", "xz"])
def test_the_digest_is_that_of_all_bytes(
    world: World, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest includes the bytes after PKG-INFO."""
    monkeypatch.setattr("lambda_indexer.files.inspection.SMALL", 100)
    rest = Random(0).randbytes(1 << 20)  # noqa: S311 - any bytes that do not compress
    members = {"foo-1.0/PKG-INFO": metadata_of("foo", "1.0"), "foo-1.0/rest": rest}
    content = archive_tar(members, mode)
    assert len(content) >= len(rest)
    world.index(world.put(f"foo/foo-1.0.tar.{mode}", content))
    [file] = world.json("foo/")["files"]
    assert file["hashes"]["sha256"] == sha256(content)


def test_a_file_that_vanishes_while_it_is_looked_at(world: World) -> None:
    """The run starts again, and lists the current files."""
    key = world.put("foo/", wheel(version="1.0"))
    world.put("foo/", wheel(version="2.0"))

    def vanish(operation: str, name: str) -> None:
        if (operation, name) == ("GET", key):
            world.storage.objects.pop((BUCKET, key), None)

    world.storage.before = vanish
    world.index(key)
    assert world.filenames("foo/") == ["foo-2.0-py3-none-any.whl"]


@pytest.fixture
def unreadable(world: World) -> set[str]:
    """Make keys unreadable for the function."""
    keys: set[str] = set()

    def refuse(operation: str, key: str) -> None:
        if operation in {"GET", "HEAD"} and key in keys:
            raise UnreadableError("S3 denies the index access to it", "AccessDenied to role/x")

    world.storage.before = refuse
    return keys


def test_a_file_that_nobody_can_read_is_quarantined_until_it_can(
    world: World, unreadable: set[str]
) -> None:
    """Archived files, and those with a client's key, are quarantined until they are readable."""
    key = world.put("foo/", wheel(version="1.0"))
    world.put("foo/", wheel(version="2.0"))
    unreadable.add(key)
    world.index(key)
    assert world.filenames("foo/") == ["foo-2.0-py3-none-any.whl"]
    [bad] = world.json("foo/")["_quarantined"]
    assert bad["reason"] == "S3 denies the index access to it"
    # Only a person can mend it, but every rebuild tries.
    answer = world.command("rebuild")
    assert [one["what"] for one in answer["differences"]] == [
        "foo-1.0-py3-none-any.whl is refused: S3 denies the index access to it"
    ]
    assert (answer["repairable"], answer["regenerated"]) == (0, 1)
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
    """Without permission to read them, listed files stay listed, and new ones wait."""
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
    """A file that some clients would decompress is quarantined."""
    key = f"foo/{wheel().filename}"
    content = wheel(filler=filler).content
    world.storage.upload(BUCKET, key, content, encoding="gzip", checksum=True)
    world.index(key)
    [bad] = world.json("foo/")["_quarantined"]
    assert "Content-Encoding: gzip" in bad["reason"]
    world.storage.upload(BUCKET, key, content)
    world.index(key)
    assert world.filenames("foo/") == [wheel().filename]


def test_a_key_whose_sidecar_would_be_too_long_is_quarantined(world: World) -> None:
    """A file is quarantined if the key of its metadata file would exceed 1,024 bytes."""
    directory = f"{'p' * 985}/foo/"
    world.put(f"{directory}foo-1.0+local.build-py3-none-any.whl", wheel().content)
    world.add(directory, wheel(version="2.0"))
    assert world.filenames(directory) == ["foo-2.0-py3-none-any.whl"]
    assert "too long" in world.json(directory)["_quarantined"][0]["reason"]


def test_a_quarantined_file_that_is_read_at_last_is_not_an_overwrite(world: World) -> None:
    """A file that becomes readable is not reported as overwritten."""
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
    """The length of reasons is limited."""
    metadata = metadata_of("foo", "x" * 400_000)
    content = archive_zip({f"foo-1.0.dist-info/{'x' * 60_000}": metadata})
    world.index(world.put("foo/foo-1.0-py3-none-any.whl", content))
    assert len(world.json("foo/")["_quarantined"][0]["reason"]) <= 512


def test_a_file_that_is_overwritten_while_it_is_looked_at(world: World) -> None:
    """A record never mixes the data of two versions of an object."""
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
