"""The metadata on a project's page, and the requests for it."""

from typing import Any

from lambda_indexer.model import ProjectPage
from lambda_indexer.pages.parsing import parse_page
from lambda_indexer.pages.rendering import project_html
from s3pypi.distributions.facts import Facts
from tests.factories import sdist, wheel
from tests.unit.indexer.conftest import BUCKET, World


def page(world: World) -> ProjectPage:
    """Return the page of foo, after comparing its HTML with its JSON."""
    parsed = parse_page(world.storage.body(BUCKET, "foo/index.json"))
    assert isinstance(parsed, ProjectPage)
    assert world.storage.body(BUCKET, "foo/") == project_html(parsed)
    return parsed


def facts(world: World) -> Facts:
    """Return the metadata on the page of foo."""
    about = page(world).about
    assert about is not None
    return about.facts


def upload(world: World, version: str, make: Any = wheel) -> list[str]:
    """Upload a file with its kind and version as its summary; return the run's requests."""
    name = "wheel" if make is wheel else "sdist"
    key = world.put("foo/", make("foo", version, f"Summary: {name} {version}"))
    world.forget()
    world.index(key)
    return world.storage.operations()


def test_the_newest_final_release_speaks_for_the_project(world: World) -> None:
    """Later uploads of older versions and pre-releases do not change the metadata."""
    for version in ("1.0", "2.0", "3.0rc1", "1.5"):
        upload(world, version)
    assert facts(world).summary == "wheel 2.0"
    upload(world, "2.0", sdist)
    assert facts(world).summary == "wheel 2.0"  # which an sdist's may yet become


def test_metadata_at_hand_take_no_request(world: World) -> None:
    """A usual upload reads the new file and writes three objects."""
    upload(world, "1.0")
    for version in ("2.0", "1.5", "3.0"):
        assert upload(world, version).count("GET") == 2  # the page and the file


def test_the_metadata_of_another_release_take_one_request(world: World) -> None:
    """If the newest release is yanked or removed, the next one is read."""
    for version in ("1.0", "2.0", "3.0"):
        upload(world, version)
    world.forget()
    world.index(world.put("foo/foo-3.0-py3-none-any.whl.yanked", b""))
    assert world.storage.operations().count("GET") == 2  # the page and the metadata
    assert facts(world).summary == "wheel 2.0"
    world.storage.remove(BUCKET, "foo/foo-2.0-py3-none-any.whl")
    world.forget()
    world.index("foo/foo-2.0-py3-none-any.whl")
    assert world.storage.operations().count("GET") == 2
    assert facts(world).summary == "wheel 1.0"


def test_an_sdist_speaks_where_there_is_nothing_else(world: World) -> None:
    """The PKG-INFO of an sdist is used if it is the newest file."""
    upload(world, "1.0", sdist)
    assert facts(world).summary == "sdist 1.0"
    upload(world, "2.0", sdist)
    world.storage.remove(BUCKET, "foo/foo-2.0.tar.gz")
    world.index("foo/foo-2.0.tar.gz")
    assert facts(world).summary == "sdist 1.0"


def test_a_page_without_it_gets_it_with_the_next_run(world: World) -> None:
    """Pages of earlier versions get the metadata in the next run."""
    upload(world, "2.0")
    before = world.storage.body(BUCKET, "foo/index.json")
    bare = before.replace(b'"_about"', b'"_other"')
    world.put("foo/index.json", bare)
    upload(world, "1.0")
    assert facts(world).summary == "wheel 2.0"


def test_a_rebuild_gives_the_same_bytes(world: World) -> None:
    """The page does not depend on the order of uploads."""
    for version in ("2.0", "1.0", "3.0"):
        upload(world, version)
    before = {key: world.storage.body(BUCKET, key) for key in ("foo/", "foo/index.json")}
    world.storage.remove(BUCKET, "foo/index.json")
    world.storage.remove(BUCKET, "foo/")
    world.index("foo/foo-1.0-py3-none-any.whl")
    assert {key: world.storage.body(BUCKET, key) for key in before} == before


def test_a_quarantined_project_tells_nothing(world: World) -> None:
    """The page of a quarantined project has no metadata."""
    upload(world, "1.0")
    world.index(world.put("foo/.project-status", b'{"status": "quarantined"}'))
    assert b"wheel 1.0" not in world.storage.body(BUCKET, "foo/")
    world.storage.remove(BUCKET, "foo/.project-status")
    world.index("foo/.project-status")
    assert b"wheel 1.0" in world.storage.body(BUCKET, "foo/")
