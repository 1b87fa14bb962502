"""Bugs in reading and moving files, and in their sidecars and markers."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from lambda_indexer.errors import ObjectMissingError
from lambda_indexer.files import inspection
from lambda_indexer.index import description
from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.decision import Decider
from lambda_indexer.index.filing import Filed, Filing
from lambda_indexer.index.publishing import Publisher
from lambda_indexer.model import Sha256, Sidecar, StoredObject
from s3pypi.distributions.filenames import is_distribution
from s3pypi.layout import YANK_EXTENSION
from tests.simulation.bugs.registry import after_the_page, bug, patched
from tests.simulation.world import BUCKET, World


@bug("sidecar after page")
def sidecar_after_page(_: World) -> Iterator[None]:
    """The page lists a file whose metadata file does not exist yet."""
    put_sidecar = Decider._put_sidecar
    later: list[Callable[[], object]] = []

    def postpone(self: Decider, stored: StoredObject, metadata: bytes) -> Sidecar:
        later.append(lambda: put_sidecar(self, stored, metadata))
        etag: Any = hashlib.md5(metadata).hexdigest()  # noqa: S324
        return Sidecar(Sha256(hashlib.sha256(metadata).hexdigest()), etag)

    with (
        patch("lambda_indexer.index.prefetch.put_sidecar", lambda *_: None),
        patched((Decider, "_put_sidecar", postpone), (Publisher, "write", after_the_page(later))),
    ):
        yield


@bug("sidecar deleted before page")
def sidecar_deleted_first(world: World) -> Iterator[None]:
    """The page lists a file whose metadata file was deleted."""
    write = Publisher.write

    def delete_first(self: Publisher, current: CurrentPages, page: Any, **kwargs: Any) -> int:
        path = current.directory.path
        for file in page.records:
            key = f"{path}{file.filename}.metadata"
            sidecar = world.storage.objects.get((BUCKET, key))
            if sidecar:  # as if it were going to be put anew
                self.pages.storage.delete(BUCKET, key, sidecar.etag)
        return write(self, current, page, **kwargs)

    with patched((Publisher, "write", delete_first)):
        yield


@bug("a filed file overwrites what is there")
def filing_overwrites(_: World) -> Iterator[None]:
    """Moving a file overwrites the target."""

    def same(*_: Any) -> bool:
        return True

    with patched((Filing, "_same", same)):
        yield


@bug("an sdist has a sidecar", worlds="mixed")
def sidecars_of_sdists(_: World) -> Iterator[None]:
    """Its metadata may change when it is built (PEP 658)."""

    def with_metadata(*args: Any) -> Any:
        found = inspection.inspect(*args)
        return replace(found, metadata=found.text)

    with patch("lambda_indexer.index.decision.inspect", with_metadata):
        yield


@bug("a marker that was passed over stays behind", worlds="growing", first=46)
def marker_stays_behind(_: World) -> Iterator[None]:
    """Its file was still there when the marker was handled, and is gone when the file is."""
    file = Filing.file

    def without_marker(self: Filing, bucket: str, key: str) -> Filed:
        try:
            self.storage.head(bucket, key)
        except ObjectMissingError:
            return Filed(key)
        return file(self, bucket, key)

    with patched((Filing, "file", without_marker)):
        yield


@bug("a marker does not wait for its file", worlds="growing", first=7)
def marker_goes_ahead(_: World) -> Iterator[None]:
    """It then yanks a different file of that name, beside which its own is refused."""
    find = Filing._find

    def find_no_file(self: Filing, bucket: str, key: str) -> StoredObject | None:
        dropped = key.count("/") == 0 or key[0].isupper()
        return None if dropped and is_distribution(key) else find(self, bucket, key)

    def file(self: Filing, bucket: str, key: str) -> Filed:
        with patched((Filing, "_find", find_no_file if key.endswith(YANK_EXTENSION) else find)):
            return original(self, bucket, key)

    original = Filing.file
    with patched((Filing, "file", file)):
        yield


@bug("what there was no time for is forgotten", worlds="mixed, out of time", first=47)
def out_of_time_is_done(_: World) -> Iterator[None]:
    """The message is acknowledged although files are still to be read."""
    describe = description.describe

    def finished(*args: Any, **kwargs: Any) -> Any:
        described = describe(*args, **kwargs)
        return replace(described, outcome=replace(described.outcome, left=0))

    with patch("lambda_indexer.index.page_maker.describe", finished):
        yield
