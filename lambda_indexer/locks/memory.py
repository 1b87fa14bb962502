"""The lock table of a function that runs one invocation at a time: in its container's memory.

Lambda then separates invocations (reserved concurrency 1), and this table only separates the
projects of one invocation. The table is lost with its container. Therefore the first run of each
lock in a container is a recovery run: it checks the root page, which replaces lost pending entries.
The messages of a container that died are retried.
"""

import threading
from dataclasses import dataclass, field, replace
from typing import ClassVar

from lambda_indexer.ports import MAX_PENDING, Acquisition, LockItem


@dataclass
class LocalLockTable:
    """`ports.LockTable` in memory, for the threads of one process.

    Attributes:
        items: by lock.
    """

    items: dict[str, LockItem] = field(default_factory=dict)
    _held_before: set[str] = field(default_factory=set)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    # A run takes longer than a millisecond, so the numbers of the next container are higher than
    # all of this one's.
    runs_a_second: ClassVar[int] = 1000
    unknown: ClassVar[str | None] = "not known to this container"

    def acquire(
        self, lock_id: str, owner: str, now: float, expires_at: float, unless_after: int | None
    ) -> Acquisition:
        """See `ports.LockTable`."""
        with self._mutex:
            item = self.items.get(lock_id, LockItem())
            free = item.owner in (None, owner) or item.expires_at < now
            covered = unless_after is not None and item.completed > unless_after
            if not free or covered:
                return Acquisition(None, item)
            run = (item.run or int(now * self.runs_a_second)) + 1
            self.items[lock_id] = replace(item, owner=owner, expires_at=expires_at, run=run)
            if lock_id not in self._held_before:
                self._held_before.add(lock_id)
                item = replace(item, dirty=item.dirty or self.unknown)
            return Acquisition(run, item)

    def release(
        self,
        lock_id: str,
        owner: str,
        run: int,
        dirty: str | None,
        processed: frozenset[str],
        *,
        stale: frozenset[str] = frozenset(),
    ) -> bool:
        """See `ports.LockTable`."""
        with self._mutex:
            item = self.items.get(lock_id, LockItem())
            if item.completed == run:
                return True
            if (item.owner, item.run) != (owner, run):
                self.items[lock_id] = replace(item, dirty=f"lost by run {run}")
                return False
            self.items[lock_id] = replace(
                item,
                owner=None,
                expires_at=0,
                completed=run,
                dirty=None if item.dirty in (None, dirty) else item.dirty,
                pending=item.pending - processed,
                stale=stale or item.stale,
            )
            return True

    def abandon(self, lock_id: str, owner: str, run: int | None) -> None:
        """See `ports.LockTable`."""
        with self._mutex:
            item = self.items.get(lock_id, LockItem())
            if item.owner == owner:
                item = replace(item, owner=None, expires_at=0)
            elif run is None:
                return
            self.items[lock_id] = replace(item, dirty=f"abandoned by run {run or item.run}")

    def read(self, lock_id: str) -> LockItem:
        """See `ports.LockTable`."""
        with self._mutex:
            return self.items.get(lock_id, LockItem())

    def forget(self, lock_id: str, stale: frozenset[str]) -> None:
        """See `ports.LockTable`."""
        with self._mutex:
            item = self.items.get(lock_id, LockItem())
            self.items[lock_id] = replace(item, stale=item.stale - stale)

    def declare(self, lock_id: str, entry: str, now: float) -> int | None:
        """See `ports.LockTable`."""
        del now  # no item expires here
        with self._mutex:
            item = self.items.get(lock_id, LockItem())
            if len(item.pending) >= MAX_PENDING:
                return None
            self.items[lock_id] = replace(item, pending=item.pending | {entry})
            return item.run

    def close(self) -> None:
        """There is nothing to close."""
