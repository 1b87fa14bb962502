"""Bugs in reading and writing pages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from lambda_indexer.errors import StorageError
from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.decision import Decider
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Directory, Project
from tests.simulation.bugs.registry import bug, patched
from tests.simulation.world import BUCKET, World


@bug("pages written unconditionally", worlds="growing, with forced unlocks", first=330)
def unconditional(world: World) -> Iterator[None]:
    """The last writer wins."""
    with patched((world.storage, "put", _unconditionally(world, "index.json", "/"))):
        yield


@bug("HTML written unconditionally", worlds="growing, with forced unlocks", first=520)
def html_unconditional(world: World) -> Iterator[None]:
    """JSON is written conditionally, HTML is not."""
    with patched((world.storage, "put", _unconditionally(world, "/"))):
        yield


def _unconditionally(world: World, *endings: str) -> Any:
    put = world.storage.put

    def anyhow(bucket: str, key: str, body: bytes, options: Any, if_match: Any) -> Any:
        if key.endswith(endings):
            there = world.storage.objects.get((bucket, key))
            if_match = there.etag if there else None
        return put(bucket, key, body, options, if_match)

    return anyhow


@bug("an error is read as absence", first=150)
def error_as_absence(world: World) -> Iterator[None]:
    """As in s3pypi 2, an unreadable page counts as empty and is overwritten."""
    read, read_json = Pages.read, Pages.read_json

    def there(directory: Directory) -> CurrentPages:
        objects = world.storage.objects
        keys = (directory.page_json, directory.page_html(index_html=False))
        json, html = (objects.get((BUCKET, key)) for key in keys)
        return CurrentPages(
            directory, None, json.etag if json else None, html.etag if html else None, None
        )

    def lenient(self: Pages, directory: Directory) -> CurrentPages:
        try:
            return read(self, directory)
        except StorageError:
            return there(directory)

    def lenient_json(self: Pages, project: Project) -> CurrentPages:
        try:
            return read_json(self, project)
        except StorageError:
            return there(project)

    with patched((Pages, "read", lenient), (Pages, "read_json", lenient_json)):
        yield


@bug(
    "many requests are taken for one moment", worlds="growing large, with forced unlocks", first=16
)
def one_moment(_: World) -> Iterator[None]:
    """The page is read after the LIST, which may have begun before the page was written."""
    read_listed = Pages.read_listed

    def read_late(self: Pages, project: Project, objects: Any, _before: Any = None) -> CurrentPages:
        return read_listed(self, project, objects)

    with patched((Pages, "read_listed", read_late)):
        yield


@bug("upload-time is the clock of the run")
def clock_in_the_page(world: World) -> Iterator[None]:
    """A regenerated page always differs."""
    read = Decider._read

    def now(self: Decider, *args: Any) -> Any:
        file, notice = read(self, *args)
        return replace(file, upload_time=datetime.fromtimestamp(world.now, UTC)), notice

    def all_of_them(snapshot: Any, _previous: Any) -> Any:
        return list(snapshot.distributions)

    module = "lambda_indexer.index.description.files_to_read"
    with patched((Decider, "_read", now)), patch(module, all_of_them):
        yield


@bug(
    "an opaque entity tag says that nothing has changed",
    worlds="overwrites, and faults at pages",
    first=100,
)
def opaque_is_unchanged(_: World) -> Iterator[None]:
    """With KMS an entity tag is no MD5, so the page itself has to be read."""
    is_html = Pages.is_html

    def trusting(self: Pages, current: CurrentPages, html: bytes, *, look: bool) -> bool:
        opaque = look and str(current.html_etag).startswith("opaque")
        return opaque or is_html(self, current, html, look=look)

    with patched((Pages, "is_html", trusting)):
        yield
