"""Leases with group commit (design, section 4): one run at a time, and one run for many events.

The protocol is model-checked; what it rests on is that LIST is strongly consistent, so a run that
*began* after an event was raised has seen what the event is about. Hence the one subtle rule: an
event is covered by a later run than the one under way when it came, never by that one itself.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from lambda_indexer.errors import IndexerError, LeaseHeldError, LeaseLostError
from lambda_indexer.ports import LockTable

NEVER_COVERED: Final = 1 << 62
"""As `since`: no run of anybody else does the work."""


@dataclass(slots=True)
class Lease:
    """A lease that we hold.

    Attributes:
        run: its number, higher than that of every run of this lock before.
        recovery: the run before died or failed, so what it left half done must not be trusted.
        pending: the pending entries as of the acquisition.
        settled: those of them that the holder has seen to; they are removed on release.
    """

    run: int
    recovery: bool
    pending: frozenset[str]
    settled: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Leases:
    """Leases of one invocation of the function.

    Attributes:
        table: where they are kept.
        remaining: seconds until this invocation is killed.
        holder: who that is, for `force-unlock` to show.
        margin: seconds that a lease outlives its invocation, for clocks that differ.
        max_wait: seconds to wait for a lease at most.
        reserve: seconds of the invocation to keep for the work itself.
        clock: epoch seconds.
        sleep: waits for a number of seconds.
        jitter: a number from 0 to 1, so that those who wait do not come back together.
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
    def hold(self, lock_id: str, since: int | None = None) -> Iterator[Lease | None]:
        """Hold a lease for the body, unless a later run of somebody else does the body's work.

        Args:
            lock_id: the lock.
            since: the run known to have been under way when there came to be work;
                None for "whichever is found under way now".

        Yields:
            The lease, or None when a run after that one has completed: there is nothing to do.

        Raises:
            LeaseHeldError: it could not be acquired in time.
            LeaseLostError: the body is done, but it was not alone while it worked.
            LockTableError: the table refused or failed.
        """
        owner = f"{self.holder} {uuid4()}"
        lease, dirty = self._acquire(lock_id, owner, since)
        if lease is None:
            yield None
            return
        try:
            yield lease
        except BaseException as error:
            try:
                self.table.abandon(lock_id, owner, lease.run)
            except IndexerError as second:  # the lease then ends by itself; the first error counts
                error.add_note(f"and its lease {lock_id} could not be given back: {second}")
            raise
        if not self.table.release(lock_id, owner, lease.run, dirty, lease.settled):
            raise LeaseLostError(
                f"the lease {lock_id} of run {lease.run} was taken by another run while it worked"
            )

    def declare(self, lock_id: str, entry: str) -> int:
        """Add a pending entry to a lock and learn the run that may not have seen it."""
        return self.table.declare(lock_id, entry, self.clock())

    def _acquire(
        self, lock_id: str, owner: str, since: int | None
    ) -> tuple[Lease | None, str | None]:
        # At most half of what is left: others in this invocation may be waiting for their turn.
        spare = self.remaining() - self.reserve
        if spare <= 0:
            raise LeaseHeldError(f"no time is left to begin with {lock_id}", retry_after=0)
        give_up_at = self.clock() + min(self.max_wait, spare / 2)
        pause = 0.05
        while True:
            now = self.clock()
            answer = self.table.acquire(
                lock_id, owner, now, now + self.remaining() + self.margin, since
            )
            before = answer.before
            if answer.run is not None:
                recovery = before.owner is not None or before.dirty is not None
                return Lease(answer.run, recovery, before.pending), before.dirty
            if since is None:
                since = before.run
            if before.completed > since:
                return None, None
            left = give_up_at - now
            if left <= 0:
                raise LeaseHeldError(
                    f"{lock_id} is held by run {before.run} until {before.expires_at:.0f};"
                    " the message comes back after that",
                    retry_after=max(0.0, before.expires_at - now),
                )
            self.sleep(min(left, pause * (0.5 + self.jitter())))
            pause = min(pause * 1.5, 1.0)
