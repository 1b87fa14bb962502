"""Regenerate projects: pages, metadata files and the root page."""

from collections import Counter

import pytest

from lambda_indexer.index.outcome import Outcome
from lambda_indexer.pages.formats import timestamp
from lambda_indexer.pages.rendering import SEAL_KEY, sealed
from tests.factories import sdist, wheel
from tests.unit.indexer.conftest import BUCKET, World
from tests.unit.indexer.regenerating import sha256


def test_a_new_wheel_is_on_its_page_with_what_it_says_of_itself(world: World) -> None:
    """A wheel results in a project page, a metadata file and a root page."""
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
    """Each object has its media type; pages are revalidated, and files are cached."""
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
    """A wheel takes 2 DynamoDB writes, 1 LIST, 2 GET and 3 PUT, as documented."""
    world.add("foo/", wheel(version="1.0"))
    world.forget()
    world.add("foo/", wheel(version="1.1"))
    assert Counter(world.storage.operations()) == {"LIST": 1, "GET": 2, "PUT": 3}
    assert world.table.calls == [("acquire", "bucket/foo"), ("release", "bucket/foo")]


def test_only_listing_grows_with_the_number_of_files(world: World) -> None:
    """With 2,500 objects, only the number of LIST requests grows."""
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
    assert Counter(world.storage.operations()) == {"LIST": 4, "GET": 2, "PUT": 3}
    assert len(world.filenames("foo/")) == 2500


def test_an_unchanged_project_writes_nothing(world: World) -> None:
    """A duplicate event changes no objects."""
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
    """Files are sorted according to PEP 440."""
    for version in ("1.9", "1.10", "1!0.1", "1.10rc1"):
        world.put("foo/", wheel(version=version))
    world.put("foo/", sdist(version="1.10"))
    world.index("foo/foo-1.9-py3-none-any.whl")
    assert world.json("foo/")["versions"] == ["1!0.1", "1.10", "1.10rc1", "1.9"]
    assert world.filenames("foo/")[1:3] == ["foo-1.10-py3-none-any.whl", "foo-1.10.tar.gz"]


def test_names_with_characters_that_urls_read_differently(world: World) -> None:
    """Local versions and epochs are encoded in links, but not in keys."""
    key = world.add("foo/", wheel(version="1!2.0+cu1.1"))
    assert key == "foo/foo-1!2.0+cu1.1-py3-none-any.whl"
    [file] = world.json("foo/")["files"]
    assert file["url"] == "foo-1%212.0%2Bcu1.1-py3-none-any.whl"
    assert 'href="foo-1%212.0%2Bcu1.1-py3-none-any.whl#' in world.html("foo/")


def test_removing_the_last_file_removes_the_project(world: World) -> None:
    """The pages, metadata files and the line on the root page are removed, but no other objects."""
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
    """The page never refers to a missing metadata file."""
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
    """The metadata file is written first, then the root page and the project's page."""
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
    """The next event restores a deleted or changed metadata file."""
    foo = wheel()
    key = world.add("foo/", foo)
    if damage == "remove":
        world.storage.remove(BUCKET, f"{key}.metadata")
    else:
        world.storage.upload(BUCKET, f"{key}.metadata", b"junk")
    world.index(key)
    assert world.storage.body(BUCKET, f"{key}.metadata") == foo.metadata


def test_an_overwritten_file_is_described_anew(world: World) -> None:
    """The digest, metadata and upload time are those of the new content."""
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
    """A copy in place, or a new entity tag, does not change the upload time."""
    foo = wheel()
    key = world.add("foo/", foo)
    world.storage.upload(BUCKET, key, foo.content)
    world.index(key)
    world.storage.upload(BUCKET, key, foo.content, etag="0123-2")
    world.index(key)
    [file] = world.json("foo/")["files"]
    assert file["upload-time"] == "2026-01-01T00:00:01Z"
    assert file["_etag"] == "0123-2"


def test_the_website_style_names_pages_index_html(world: World) -> None:
    """With `index_html`, no key ends in a slash."""
    world.index_html = True
    world.add("p/foo/", wheel())
    assert [key for key in world.storage.keys(BUCKET) if key.endswith(("/", ".html"))] == [
        "p/foo/index.html",
        "p/index.html",
    ]


def test_one_bucket_serves_any_number_of_indexes(world: World) -> None:
    """The prefix is part of the key, and each index has its own root page."""
    world.add("foo/", wheel("foo"))
    world.add("team/a/bar/", wheel("bar"))
    assert world.names() == ["foo"]
    assert world.names("team/a/") == ["bar"]
    assert '<a href="bar/">bar</a>' in world.html("team/a/")


def test_a_directory_that_is_a_project_does_not_become_an_index(world: World) -> None:
    """A file below a project's directory is reported, and its own page is written."""
    world.add("abc/", wheel("abc"))
    page = world.storage.body(BUCKET, "abc/index.json")
    key = world.put("abc/foo/", wheel("foo"))
    [result] = world.index(key)
    assert isinstance(result.outcome, Outcome)
    assert "is a project of the index above it" in str(result.outcome.problem)
    assert world.storage.body(BUCKET, "abc/index.json") == page
    assert world.filenames("abc/foo/") == ["foo-1.0-py3-none-any.whl"]


def test_a_mended_sidecar_is_forgotten_by_the_cdn(world: World) -> None:
    """The path of a restored metadata file is invalidated, because caches keep it for a year."""
    key = world.add("foo/", wheel())
    world.storage.upload(BUCKET, f"{key}.metadata", b"junk")
    world.index(key)
    assert world.cdn.invalidated == [[f"/{key}", f"/{key}.metadata"]]


@pytest.mark.parametrize("directory", [f"{'p' * 1012}/foo/", f"{'f' * 129}/"])
def test_a_directory_that_can_have_no_page_fails_nothing(world: World, directory: str) -> None:
    """Directories with too long keys or names are ignored."""
    key = f"{directory}f-1.zip"
    world.index(world.put(key, b""), world.put("foo/", wheel()))
    assert world.names() == ["foo"]
    assert any(directory in difference for difference in world.differences())
