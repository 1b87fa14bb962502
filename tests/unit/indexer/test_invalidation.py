"""Paths for CloudFront: as few as may be, in the spellings that may have been cached."""

from collections.abc import Sequence

import pytest

from lambda_indexer.errors import CdnError
from lambda_indexer.index.invalidation import MAX_PATHS, everything_in, merged, paths_of
from s3pypi.layout import DirectoryPath
from tests.factories import sdist
from tests.unit.indexer.conftest import World

FOO = DirectoryPath("foo/")


@pytest.mark.parametrize(
    ("directory", "filename", "paths"),
    [
        ("foo/", "foo-1.0.tar.gz", {"/foo/foo-1.0.tar.gz"}),
        ("foo/", "foo-1!1.0.zip", {"/foo/foo-1%211.0.zip", "/foo/foo-1!1.0.zip"}),
        ("a+b/foo/", "foo-1.0.zip", {"/a%2Bb/foo/foo-1.0.zip", "/a+b/foo/foo-1.0.zip"}),
        ("~me/foo/", "foo-1.0.zip", {"/%7Eme/foo/foo-1.0.zip"}),
        ("f o/foo/", "foo-1.0.zip", {"/f%20o/foo/foo-1.0.zip"}),
        ("\u00e9/foo/", "foo-1.0.zip", {"/%C3%A9/foo/foo-1.0.zip"}),
        ("foo/", "foo-1.0*.zip", {"/foo/foo-1.0%2A.zip"}),
    ],
)
def test_spellings(directory: str, filename: str, paths: set[str]) -> None:
    """Plus and exclamation marks are cached encoded, and CloudFront may compare them plain."""
    assert paths_of(DirectoryPath(directory), [filename]) == paths


def test_a_directory_of_many() -> None:
    """Beyond a number of paths it is one."""
    names = [f"foo-{number}.zip" for number in range(MAX_PATHS + 1)]
    assert len(paths_of(FOO, names[:-1])) == MAX_PATHS
    assert paths_of(FOO, names) == {"/foo/*"}


def test_together() -> None:
    """Paths below a wildcard are left out; too many wildcards or paths become one wildcard."""
    assert merged(["/foo/*", "/foo/a", "/bar/b"]) == ["/bar/b", "/foo/*"]
    assert merged(f"/{number}/*" for number in range(20)) == ["/*"]
    assert merged(f"/foo/{number}" for number in range(2000)) == ["/*"]
    assert everything_in(DirectoryPath("a~/")) == "/a%7E/*"


def test_a_lock_item_is_bounded_while_the_cdn_is_out_of_reach(world: World) -> None:
    """The entries of many failed runs become one, which is invalidated when the CDN is back."""
    world.cdn.failing = True
    key = world.add("foo/", sdist("foo"))
    for number in range(2 * MAX_PATHS):
        world.put("foo/", sdist("foo", "1.0", f"Summary: {number}"))
        world.invoke(key)
        assert len(world.table.items["bucket/foo"].stale) <= MAX_PATHS
    world.cdn.failing = False
    world.invoke(key)
    assert world.cdn.invalidated == [["/foo/*"]]
    assert world.table.items["bucket/foo"].stale == frozenset()


def test_an_invalidation_forgets_nothing_that_is_newer(world: World) -> None:
    """A file may be overwritten once more after the request, and before it is noted as done."""
    world.add("foo/", sdist("foo"))
    key = world.put("foo/", sdist("foo", "1.0", "Summary: second"))
    invalidate = world.cdn.invalidate

    def overwrite(paths: Sequence[str], reference: str) -> None:
        invalidate(paths, reference)
        world.cdn.invalidate = refuse  # type: ignore[method-assign]
        world.put("foo/", sdist("foo", "1.0", "Summary: third"))
        [result] = world.invoke(key)
        assert isinstance(result.outcome, CdnError)

    def refuse(paths: Sequence[str], reference: str) -> None:
        raise CdnError(f"throttled: {paths}, {reference}")

    world.cdn.invalidate = overwrite  # type: ignore[method-assign]
    world.invoke(key)
    world.cdn.invalidate = invalidate  # type: ignore[method-assign]
    world.index(key)
    assert world.cdn.invalidated == [[f"/{key}"], [f"/{key}"]]
