"""Pages that are read before their directory is listed."""

from lambda_indexer.layout import DirectoryPath, Project
from lambda_indexer.pages import Pages
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World

FOO = Project(BUCKET, DirectoryPath("foo/"))


def test_a_page_that_the_list_confirms_is_not_read_again(world: World) -> None:
    """What was read before the LIST is what the LIST shows; the HTML page is that of the LIST."""
    world.add("foo/", wheel("foo"))
    pages = Pages(world.storage)
    peeked = pages.peek(FOO)
    objects = world.storage.list(BUCKET, "foo/")
    world.forget()
    current = pages.read_listed(FOO, objects, peeked)
    assert world.storage.calls == []
    assert current == pages.read_listed(FOO, objects)


def test_a_page_that_has_changed_before_the_list_is_read_again(world: World) -> None:
    """For what the run describes and replaces is what the LIST shows."""
    world.add("foo/", wheel("foo"))
    pages = Pages(world.storage)
    peeked = pages.peek(FOO)
    world.add("foo/", wheel("foo", "2.0"))
    objects = world.storage.list(BUCKET, "foo/")
    current = pages.read_listed(FOO, objects, peeked)
    assert current == pages.read_listed(FOO, objects)
    assert len(current.keys) == 4


def test_no_page_is_no_page(world: World) -> None:
    """Neither before the LIST nor after; no key is known then."""
    pages = Pages(world.storage)
    peeked = pages.peek(FOO)
    assert (peeked.page, peeked.keys) == (None, [])
    assert pages.read_listed(FOO, [], peeked).json is None
