"""Read large objects ahead with concurrent requests, in order, and in bounded memory."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from packaging.utils import NormalizedName

from lambda_indexer.errors import StorageError
from lambda_indexer.files import inspection, read_ahead
from lambda_indexer.files.read_ahead import BLOCK, CONNECTIONS, WINDOW, blocks
from lambda_indexer.parallel import bounded_map
from tests.factories import archive_tar, metadata_of, sdist, wheel
from tests.fakes import MemoryStorage
from tests.unit.indexer.conftest import BUCKET

Fetch = Callable[[int, int], bytes]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the size of blocks to ten bytes."""
    monkeypatch.setattr(read_ahead, "BLOCK", 10)


@pytest.fixture
def fetched() -> list[int]:
    """Return the start of each requested range."""
    return []


@pytest.fixture
def fetch(fetched: list[int]) -> Fetch:
    """Return the bytes of a range, which are all different."""

    def fetch(start: int, end: int) -> bytes:
        fetched.append(start)
        return bytes(range(start, end))

    return fetch


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 100, 105])
@pytest.mark.parametrize("connections", [1, 3, CONNECTIONS])
def test_all_bytes_come_in_order(fetch: Fetch, size: int, connections: int) -> None:
    """All blocks but the last have the same size."""
    with blocks(fetch, size, connections) as found:
        parts = [*found]
    assert b"".join(parts) == bytes(range(size))
    assert [len(part) for part in parts[:-1]] == [10] * (len(parts) - 1)


def test_as_many_requests_as_allowed_are_made_at_the_same_time() -> None:
    """All allowed requests are sent before the first one gets its response."""
    together = threading.Barrier(CONNECTIONS, timeout=30)

    def fetch(start: int, end: int) -> bytes:
        if start < 10 * CONNECTIONS:
            together.wait()
        return bytes(end - start)

    with blocks(fetch, 10 * CONNECTIONS + 5) as found:
        assert sum(map(len, found)) == 10 * CONNECTIONS + 5


def test_what_is_in_memory_is_bounded(fetch: Fetch, fetched: list[int]) -> None:
    """At most the window and the current block are in memory."""
    assert (CONNECTIONS + 1) * BLOCK == WINDOW <= 64 << 20
    with blocks(fetch, 250, 4) as found:
        for number, _ in enumerate(found):
            assert len(fetched) <= number + 4


def test_an_error_of_one_range_comes_in_its_place(fetched: list[int]) -> None:
    """The bytes before a failed range are read, and no requests follow."""

    def fetch(start: int, end: int) -> bytes:
        fetched.append(start)
        if start == 30:
            raise StorageError("the fourth")
        return bytes(end - start)

    parts: list[bytes] = []
    with pytest.raises(StorageError, match="the fourth"), blocks(fetch, 250, 2) as found:
        parts.extend(found)
    assert len(parts) == 3
    assert max(fetched) <= 40


def test_no_request_is_under_way_after_the_end() -> None:
    """After an early end, pending requests are awaited, and no others are sent."""
    started, going_on, under_way = threading.Event(), threading.Event(), [0]

    def fetch(start: int, end: int) -> bytes:
        if start:
            under_way[0] += 1
            started.set()
            going_on.wait(30)
            under_way[0] -= 1
        return bytes(end - start)

    def read_one() -> Iterator[int]:
        with blocks(fetch, 250, 2) as found:
            yield len(next(found))
            started.wait(30)
            threading.Timer(0, going_on.set).start()

    assert [*read_one()] == [10]
    assert under_way == [0]


def test_several_files_share_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only one of several concurrent files is read ahead at a time."""
    monkeypatch.setattr(inspection, "SMALL", 100)
    storage, reading, most = MemoryStorage(), [0], [0]
    files = [make("foo", f"1.{number}") for number in range(4) for make in (wheel, sdist)]
    for made in files:
        storage.upload(BUCKET, f"foo/{made.filename}", made.content)

    @contextmanager
    def counted(*args: Any) -> Iterator[Iterator[bytes]]:
        reading[0] += 1
        most[0] = max(most[0], *reading)
        with blocks(*args) as found:
            yield found
        reading[0] -= 1

    monkeypatch.setattr(inspection, "blocks", counted)
    listed = storage.list(BUCKET, "foo/")
    with ThreadPoolExecutor(8) as pool:
        found = bounded_map(pool)(
            lambda stored: inspection.inspect(storage, BUCKET, stored, NormalizedName("foo")),
            listed,
        )
        digests = {each.file.filename: each.file.sha256 for each in found}
    assert digests == {f.filename: hashlib.sha256(f.content).hexdigest() for f in files}
    assert most == [1]


def test_of_a_large_sdist_with_a_known_digest_only_the_beginning_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the first block has the metadata, nothing is read ahead."""
    monkeypatch.setattr(inspection, "SMALL", 100)
    monkeypatch.setattr(read_ahead, "BLOCK", 1 << 20)
    storage, rest = MemoryStorage(), Random(0).randbytes(4 << 20)  # noqa: S311 - any bytes
    members = {"foo-1.0/PKG-INFO": metadata_of("foo", "1.0"), "foo-1.0/rest": rest}
    storage.upload(BUCKET, "foo/foo-1.0.tar.gz", archive_tar(members, "gz"), checksum=True)
    [stored] = storage.list(BUCKET, "foo/")
    storage.calls.clear()
    inspection.inspect(storage, BUCKET, stored, NormalizedName("foo"))
    assert storage.operations() == ["HEAD", "GET"]
