"""Bugs in the leases, and in the acknowledgement of messages."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lambda_indexer.index.places import Project
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.locks.lease import Lease, Leases
from lambda_indexer.ports import LockItem
from tests.fakes import MemoryLockTable
from tests.simulation.bugs.registry import bug, patched
from tests.simulation.world import World


def _release_anyhow(
    self: MemoryLockTable,
    lock_id: str,
    _owner: str,
    run: int,
    _dirty: Any,
    processed: Any,
    **_: Any,
) -> bool:
    """Release a lease without checking its owner."""
    item = self.items.get(lock_id, LockItem())
    self.items[lock_id] = replace(
        item,
        owner=None,
        completed=max(item.completed, run),
        dirty=None,
        pending=item.pending - processed,
    )
    return True


@bug("no lease", first=150)
def no_lease(_: World) -> Iterator[None]:
    """All invocations run at once; only the conditional writes are left."""
    acquire = MemoryLockTable.acquire

    def always(self: MemoryLockTable, lock_id: str, *rest: Any) -> Any:
        self.items[lock_id] = replace(self.items.get(lock_id, LockItem()), owner=None)
        return acquire(self, lock_id, *rest)

    with patched(
        (MemoryLockTable, "acquire", always), (MemoryLockTable, "release", _release_anyhow)
    ):
        yield


@bug("a lease that ends before its holder is killed", first=100)
def short_lease(_: World) -> Iterator[None]:
    """There are two owners at once, and the first does not check its lease."""
    acquire = MemoryLockTable.acquire

    def shortened(self: MemoryLockTable, *args: Any) -> Any:
        lock_id, owner, now, _, since = args
        return acquire(self, lock_id, owner, now, now + 0.2, since)

    with patched(
        (MemoryLockTable, "acquire", shortened), (MemoryLockTable, "release", _release_anyhow)
    ):
        yield


@bug("anyone's release frees the lease", first=93)
def release_of_others(_: World) -> Iterator[None]:
    """As in s3pypi 2, an invocation that stops waiting deletes the lock."""
    acquire = Leases._acquire

    def give_up(self: Leases, lock_id: str, owner: str, *rest: Any) -> Any:
        try:
            return acquire(replace(self, max_wait=0.3), lock_id, owner, *rest)
        except Exception:
            table: Any = self.table
            items = table._inner.items
            items[lock_id] = replace(items[lock_id], owner=None)
            raise

    with patched((Leases, "_acquire", give_up), (MemoryLockTable, "release", _release_anyhow)):
        yield


@bug("acknowledged before the work")
def acknowledged_first(world: World) -> Iterator[None]:
    """A message is deleted when it is received."""
    with patched((world, "acknowledge_first", True)):
        yield


@bug("covered by the run under way", first=20)
def covered_by_the_run_under_way(_: World) -> Iterator[None]:
    """The current run covers an event, although it may have listed before it."""
    acquire = Leases._acquire

    def too_early(self: Leases, lock_id: str, owner: str, *rest: Any) -> Any:
        now, (since, entry) = self.clock(), rest
        answer = self.table.acquire(lock_id, owner, now, now + self.remaining() + 10, since)
        if answer.run is not None:
            recovery = answer.before.owner is not None or answer.before.dirty is not None
            return Lease(answer.run, recovery, answer.before.pending), answer.before.dirty
        return acquire(self, lock_id, owner, (since or answer.before.run) - 1, entry)

    with patched((Leases, "_acquire", too_early)):
        yield


@bug("no recovery runs", first=70)
def no_recovery(_: World) -> Iterator[None]:
    """Unfinished work of a dead owner is trusted, and so is a retried message."""
    acquire, regenerate = Leases._acquire, Indexer.regenerate

    def untroubled(self: Indexer, project: Project, _trigger: Any = None) -> Any:
        return regenerate(self, project)

    def trusting(self: Leases, lock_id: str, owner: str, *rest: Any) -> Any:
        lease, dirty = acquire(self, lock_id, owner, *rest)
        if lease is not None:
            lease.recovery = False
        return lease, dirty

    with patched((Leases, "_acquire", trusting), (Indexer, "regenerate", untroubled)):
        yield


@bug("a failed release keeps its lease", first=100)
def failed_release(_: World) -> Iterator[None]:
    """The next run waits until the lease is over."""
    abandon = Leases._abandon

    def unless_released(self: Leases, lock_id: str, owner: str, run: Any, error: Any) -> None:
        if f"release {lock_id}" not in str(error):
            abandon(self, lock_id, owner, run, error)

    with patched((Leases, "_abandon", unless_released)):
        yield


@bug("an acquisition without an answer keeps its lease", first=12)
def failed_acquisition(_: World) -> Iterator[None]:
    """It took effect, and nobody knows that it did."""
    abandon = Leases._abandon

    def unless_unknown(self: Leases, lock_id: str, owner: str, run: Any, error: Any) -> None:
        if run is not None:
            abandon(self, lock_id, owner, run, error)

    with patched((Leases, "_abandon", unless_unknown)):
        yield


@bug("a run without its lease deletes sidecars", worlds="a project comes and goes", first=22)
def sidecars_of_newer_pages(_: World) -> Iterator[None]:
    """A newer page may name them."""

    def always(*_: Any) -> bool:
        return True

    with patched((Leases, "is_held", always)):
        yield
