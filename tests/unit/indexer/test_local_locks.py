"""The lock table in memory: what its loss, with its container, does to an index."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lambda_indexer.index.outcome import Outcome
from lambda_indexer.locks.memory import LocalLockTable
from lambda_indexer.ports import LockTable
from tests.factories import wheel

from .conftest import World

NOW = 1_800_000_000.5


def first_run(table: LockTable, now: float = NOW) -> int:
    """The number of a lock's first run."""
    return table.acquire("bucket/foo", "me", now, now + 10, None).run or 0


def restart(world: World) -> None:
    """Put a new container in the place of the world's."""
    world.table = LocalLockTable()  # type: ignore[assignment]


def test_the_first_run_in_a_container_is_a_recovery_run() -> None:
    """Nobody knows how the last one ended; the second run knows."""
    table = LocalLockTable()
    first = table.acquire("bucket/foo", "me", NOW, NOW + 10, None)
    assert first.before.dirty
    assert table.release("bucket/foo", "me", first.run or 0, first.before.dirty, frozenset())
    assert table.acquire("bucket/foo", "me", NOW, NOW + 10, None).before.dirty is None


def test_an_entry_declared_beforehand_is_no_knowledge() -> None:
    """A root page's first run is a recovery run even if its item is there already."""
    table = LocalLockTable()
    table.declare("bucket/", "+foo@1", NOW)
    before = table.acquire("bucket/", "me", NOW, NOW + 10, None).before
    assert before.pending == {"+foo@1"}
    assert before.dirty


def test_runs_of_the_next_container_have_higher_numbers() -> None:
    """Even if a container has had hundreds of runs within its second."""
    table = LocalLockTable()
    last = first_run(table)
    for _ in range(400):
        last = first_run(table)
    assert first_run(LocalLockTable(), NOW + 0.5) > last


def test_only_one_thread_acquires() -> None:
    """The projects of one invocation run side by side."""
    table = LocalLockTable()
    with ThreadPoolExecutor(8) as pool:
        runs = pool.map(
            lambda n: table.acquire("bucket/", f"thread {n}", NOW, NOW + 10, None).run, range(200)
        )
        assert len([run for run in runs if run is not None]) == 1


@pytest.mark.parametrize("page", ["foo/index.json", "foo/", "index.json", "index.html"])
def test_what_a_dead_container_left_undone_is_done_by_the_next(world: World, page: str) -> None:
    """Whichever page it had yet to write, or wrote wrong, and whatever the root had to be told."""
    restart(world)
    key = world.put("foo/", wheel("foo", "1.0"))
    world.put("bar/", wheel("bar", "1.0"))
    world.index(key)
    expected = world.storage.body("bucket", page)
    world.storage.upload("bucket", page, b"half")
    restart(world)
    [result] = world.invoke(key)
    assert isinstance(result.outcome, Outcome)
    assert result.outcome.recovery
    assert world.storage.body("bucket", page) == expected
