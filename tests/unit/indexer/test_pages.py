"""Pages: read before their directory is listed, and replaced or deleted only if they are ours."""

import contextlib
from dataclasses import replace

import pytest
from packaging.utils import canonicalize_name

from lambda_indexer.errors import ChangedError, LeaseLostError, UnreadableError
from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Project
from lambda_indexer.model import ProjectPage
from lambda_indexer.pages.environment import PAGE_MARK
from lambda_indexer.pages.rendering import project_html
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


def orphaned(world: World, html: bytes) -> CurrentPages:
    """A project's pages of which only this HTML page is left."""
    world.storage.upload(BUCKET, "foo/", html)
    return Pages(world.storage).read(FOO)


def test_only_the_projects_own_html_page_is_ours(world: World) -> None:
    """Nothing else is deleted: no page of a website, and no copy of another project's page."""
    pages = Pages(world.storage)
    ours, other = (project_html(ProjectPage(canonicalize_name(name))) for name in ("foo", "bar"))
    assert pages.is_orphan(orphaned(world, ours))
    for html in (other, b"<title>foo</title>", ours.replace(PAGE_MARK, b"")):
        current = orphaned(world, html)
        assert not pages.is_orphan(current)
        assert pages.delete(current) == 0
    assert pages.delete(orphaned(world, ours)) == 1
    assert world.storage.keys(BUCKET) == []


def test_unchanged_pages_are_written_by_force_only(world: World) -> None:
    """Such as with another header, which a comparison would not show."""
    world.add("foo/", wheel("foo"))
    pages = Pages(world.storage)
    current = pages.read(FOO)
    json, html = (world.storage.body(BUCKET, key) for key in ("foo/index.json", "foo/"))
    world.forget()
    assert pages.write(current, json, html) == 0
    assert world.storage.calls == []
    assert pages.write(current, json, html, force=True) == 2
    assert world.storage.calls == [("PUT", "foo/index.json"), ("PUT", "foo/")]


@pytest.mark.parametrize("certain", [False, True])
def test_a_page_that_cannot_be_read_is_replaced_only_if_nobody_can(
    world: World, *, certain: bool
) -> None:
    """Without a permission that the function has lost, it would lose all records."""
    key = world.add("foo/", wheel("foo"))
    before = world.storage.body(BUCKET, "foo/index.json")

    def refuse(operation: str, name: str) -> None:
        if (operation, name) == ("GET", "foo/index.json"):
            raise UnreadableError("refused", certain=certain)

    world.storage.before = refuse
    world.put("foo/", wheel("foo", "2.0"))
    [result] = world.invoke(key)
    assert isinstance(result.outcome, UnreadableError) is not certain
    assert (world.storage.body(BUCKET, "foo/index.json") != before) is certain


def test_an_html_page_of_another_size_is_neither_hashed_nor_read(world: World) -> None:
    """Hashing a page of ten thousand files takes as long as a request."""
    world.add("foo/", wheel("foo"))
    pages, project = Pages(world.storage), Project(BUCKET, DirectoryPath("foo/"))
    current = pages.read_listed(project, world.storage.list(BUCKET, "foo/"))
    html = world.storage.body(BUCKET, "foo/")
    assert current.html_size == len(html)
    assert pages.is_html(current, html, look=False)
    world.forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr("lambda_indexer.index.page_store.hashlib.md5")
        assert not pages.is_html(current, html + b" ", look=True)
    assert world.storage.calls == []


def test_an_html_page_that_is_gone_when_it_is_read_is_a_conflict(world: World) -> None:
    """It is read if its entity tag does not identify its content."""
    world.add("foo/", wheel("foo"))
    world.storage.upload(BUCKET, "foo/", b"other", etag="opaque")
    pages = Pages(world.storage)
    current = pages.read(FOO)
    world.storage.remove(BUCKET, "foo/")
    with pytest.raises(ChangedError):
        pages.is_html(current, b"html", look=True)
