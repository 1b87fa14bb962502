"""Leases with group commit: one run at a time, and one run for many events.

It relies on LIST being strongly consistent: a run that *started* after an event was raised has seen
the change. Hence the one subtle rule: the run in progress when an event arrives does not cover it;
any later run does.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from lambda_indexer.errors import IndexerError, LeaseHeldError, LeaseLostError, LockTableError
from lambda_indexer.ports import LockItem, LockTable

NEVER_COVERED: Final = 1 << 62
"""Value of `since` for which no other run covers the work."""


@dataclass(slots=True)
class Lease:
    """A lease held by this invocation.

    Attributes:
        run: its number, higher than the number of every earlier run of this lock.
        recovery: whether the previous run died or failed, so that its results cannot be trusted.
        pending: the pending entries at the acquisition.
        processed: the entries that the holder has processed; they are removed on release.
        stale: what the CDN still has to forget; see `LockItem`. It is kept on release.
    """

    run: int
    recovery: bool
    pending: frozenset[str]
    processed: frozenset[str] = field(default_factory=frozenset)
    stale: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Leases:
    """Leases of one invocation of the function.

    Attributes:
        table: the lock table.
        remaining: returns the seconds until this invocation times out.
        holder: the name of the owner, which `force-unlock` prints.
        margin: seconds that a lease outlives its invocation, to allow for clock skew.
        max_wait: maximum seconds to wait for a lease.
        reserve: seconds of the invocation to keep for the work itself.
        clock: returns epoch seconds.
        sleep: waits for a number of seconds.
        jitter: returns a number from 0 to 1, so that waiting runs do not retry together.
    """

    table: LockTable
    remaining: Callable[[], float]
    holder: str = "s3pypi"
    margin: float = 10
    max_wait: float = 60
    reserve: float = 5
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    @contextmanager
    def hold(
        self, lock_id: str, since: int | None = None, entry: str | None = None
    ) -> Iterator[Lease | None]:
        """Hold a lease for the body, unless a later run of another invocation does its work.

        Args:
            lock_id: the lock.
            since: the run that was in progress when the work arose; None for the one that is in
                progress now.
            entry: a declaration for the holder of the lease. It is added to the pending entries if
                another run holds the lease, and a run that takes them does the body's work.

        Yields:
            The lease, or None if a later run has completed: there is nothing to do.

        Raises:
            LeaseHeldError: the lease could not be acquired in time.
            LeaseLostError: the body has finished, but another run took the lease meanwhile.
            LockTableError: the table refused or failed.
        """
        owner = f"{self.holder} {uuid4()}"
        try:
            lease, dirty = self._acquire(lock_id, owner, since, entry)
        except LockTableError as error:  # perhaps of an acquisition that succeeded
            self._abandon(lock_id, owner, None, error)
            raise
        if lease is None:
            yield None
            return
        try:
            yield lease
            released = self.table.release(
                lock_id, owner, lease.run, dirty, lease.processed, stale=lease.stale
            )
        except BaseException as error:
            self._abandon(lock_id, owner, lease.run, error)
            raise
        if not released:
            raise LeaseLostError(
                f"the lease {lock_id} of run {lease.run} was taken by another run while it worked"
            )

    def is_held(self, lock_id: str, lease: Lease) -> bool:
        """Whether a lease was still ours at the time of one read."""
        item = self.table.read(lock_id)
        return item.owner is not None and item.run == lease.run

    def after(self, lock_id: str, run: int) -> LockItem:
        """The item of a lock once a run is over, or as it is when there is no time to wait for it.

        Raises:
            LockTableError: the table refused or failed.
        """
        give_up_at = self._give_up_at()
        pause = 0.05
        while True:
            item, now = self.table.read(lock_id), self.clock()
            if item.run != run or not item.owner or now >= min(give_up_at, item.expires_at):
                return item
            self.sleep(pause * (0.5 + self.jitter()))
            pause = min(pause * 1.5, 1.0)

    def _give_up_at(self) -> float:
        # At most half of the remaining time: other projects of this invocation may be waiting.
        return self.clock() + min(self.max_wait, (self.remaining() - self.reserve) / 2)

    def _abandon(self, lock_id: str, owner: str, run: int | None, error: BaseException) -> None:
        try:
            self.table.abandon(lock_id, owner, run)
        except IndexerError as second:  # the lease then expires; the first error counts
            error.add_note(f"and its lease {lock_id} could not be released: {second}")

    def _declare(self, lock_id: str, entry: str) -> int:
        run = self.table.declare(lock_id, entry, self.clock())
        if run is None:
            raise LeaseHeldError(
                f"{lock_id} has too many pending entries; the message is retried",
                retry_after=self.max_wait,
            )
        return run

    def _acquire(
        self, lock_id: str, owner: str, since: int | None, entry: str | None
    ) -> tuple[Lease | None, str | None]:
        if self.remaining() <= self.reserve:
            raise LeaseHeldError(f"no time is left to start {lock_id}", retry_after=0)
        give_up_at = self._give_up_at()
        pause = 0.05
        while True:
            now = self.clock()
            answer = self.table.acquire(
                lock_id, owner, now, now + self.remaining() + self.margin, since
            )
            before = answer.before
            if answer.run is not None:
                recovery = before.owner is not None or before.dirty is not None
                lease = Lease(answer.run, recovery, before.pending, stale=before.stale)
                return lease, before.dirty
            if entry is not None:
                since, entry = self._declare(lock_id, entry), None
            elif since is None:
                since = before.run
            if before.completed > since:
                return None, None
            left = give_up_at - now
            if left <= 0:
                raise LeaseHeldError(
                    f"{lock_id} is held by run {before.run} until {before.expires_at:.0f};"
                    " the message is retried after that",
                    retry_after=max(0.0, before.expires_at - now),
                )
            self.sleep(min(left, pause * (0.5 + self.jitter())))
            pause = min(pause * 1.5, 1.0)
