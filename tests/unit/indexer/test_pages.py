"""Pages that are read before their directory is listed."""

import contextlib
from dataclasses import replace

import pytest

from lambda_indexer.errors import ChangedError, LeaseLostError
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Project
from s3pypi.layout import DirectoryPath
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World

FOO = Project(BUCKET, DirectoryPath("foo/"))


def test_a_page_that_the_list_confirms_is_not_read_again(world: World) -> None:
    """A page is read once if the listing has the same entity tag."""
    world.add("foo/", wheel("foo"))
    pages = Pages(world.storage)
    before = pages.read_json(FOO)
    objects = world.storage.list(BUCKET, "foo/")
    world.forget()
    current = pages.read_listed(FOO, objects, before)
    assert world.storage.calls == []
    assert current == pages.read_listed(FOO, objects)


def test_a_page_that_was_written_meanwhile_is_a_conflict(world: World) -> None:
    """A page that changed before the listing is a conflict."""
    pages = Pages(world.storage)
    absent = pages.read_json(FOO)
    world.add("foo/", wheel("foo"))
    old = pages.read_json(FOO)
    world.add("foo/", wheel("foo", "2.0"))
    objects = world.storage.list(BUCKET, "foo/")
    for before in (absent, old):
        with pytest.raises(ChangedError):
            pages.read_listed(FOO, objects, before)
    with pytest.raises(ChangedError):
        pages.read_listed(FOO, [], old)


def test_no_page_is_no_page(world: World) -> None:
    """A project without pages has no keys to invalidate or delete."""
    pages = Pages(world.storage)
    before = pages.read_json(FOO)
    assert (before.page, before.keys) == (None, [])
    assert pages.read_listed(FOO, [], before).json is None


def test_a_listing_of_many_requests_loses_nothing(world: World) -> None:
    """No update is lost if another run writes during the listing."""
    world.add("foo/", wheel("foo", "2.0"))
    world.storage.page_size = 2
    key = world.put("foo/", wheel("foo", "3.0"))
    requests, listed = [], []

    def watch(_operation: str, _key: str) -> None:
        listed.append(set(world.filenames("foo/")))

    def another_writer(operation: str, _key: str) -> None:
        requests.append(operation)
        if operation == "LIST" and requests.count("LIST") == 2:
            world.storage.before = lambda _operation, _key: None
            lock = f"{BUCKET}/foo"
            world.table.items[lock] = replace(world.table.items[lock], owner=None)
            world.index(world.put("foo/", wheel("foo", "1.0")))
            world.storage.before = watch

    world.storage.before = another_writer
    with contextlib.suppress(LeaseLostError):
        world.index(key)
    everything = {f"foo-{n}.0-py3-none-any.whl" for n in (1, 2, 3)}
    assert listed
    assert all(names == everything for names in [*listed, set(world.filenames("foo/"))])
