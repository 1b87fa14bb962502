"""The lock table in memory, and the end of a container."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lambda_indexer.index.outcome import Outcome
from lambda_indexer.locks.memory import LocalLockTable
from lambda_indexer.ports import LockTable
from tests.factories import wheel

from .conftest import World

NOW = 1_800_000_000.5


def first_run(table: LockTable, now: float = NOW) -> int:
    """Return the number of a lock's first run."""
    return table.acquire("bucket/foo", "me", now, now + 10, None).run or 0


def restart(world: World) -> None:
    """Start a new container."""
    world.table = LocalLockTable()  # type: ignore[assignment]


def test_the_first_run_in_a_container_is_a_recovery_run() -> None:
    """The first run of a container is a recovery run, and the second is not."""
    table = LocalLockTable()
    first = table.acquire("bucket/foo", "me", NOW, NOW + 10, None)
    assert first.before.dirty
    assert table.release("bucket/foo", "me", first.run or 0, first.before.dirty, frozenset())
    assert table.acquire("bucket/foo", "me", NOW, NOW + 10, None).before.dirty is None


def test_an_entry_declared_beforehand_is_no_knowledge() -> None:
    """The first run of a root page is a recovery run, even with declared entries."""
    table = LocalLockTable()
    table.declare("bucket/", "+foo@1", NOW)
    before = table.acquire("bucket/", "me", NOW, NOW + 10, None).before
    assert before.pending == {"+foo@1"}
    assert before.dirty


def test_runs_of_the_next_container_have_higher_numbers() -> None:
    """Runs have higher numbers even after hundreds of runs within a second."""
    table = LocalLockTable()
    last = first_run(table)
    for _ in range(400):
        last = first_run(table)
    assert first_run(LocalLockTable(), NOW + 0.5) > last


def test_only_one_thread_acquires() -> None:
    """Of several threads, one acquires a lock."""
    table = LocalLockTable()
    with ThreadPoolExecutor(8) as pool:
        runs = pool.map(
            lambda n: table.acquire("bucket/", f"thread {n}", NOW, NOW + 10, None).run, range(200)
        )
        assert len([run for run in runs if run is not None]) == 1


@pytest.mark.parametrize("page", ["foo/index.json", "foo/", "index.json", "index.html"])
def test_what_a_dead_container_left_undone_is_done_by_the_next(world: World, page: str) -> None:
    """The next container completes all writes, including those of the root page."""
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
