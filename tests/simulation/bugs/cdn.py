"""Bugs in the invalidation of the CDN."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lambda_indexer.errors import CdnError
from lambda_indexer.index.invalidation import Invalidation
from tests.fakes import MemoryLockTable
from tests.simulation.bugs.registry import bug, patched
from tests.simulation.world import World


def _uncertain(only: Callable[[Any], bool]) -> Any:
    """Let runs be uncertain in some cases only, when they note changed files."""
    note = Invalidation.note

    def trusting(self: Invalidation, run: Any, *rest: Any) -> None:
        lease = replace(run.lease, recovery=only(run))
        note(self, replace(run, lease=lease, conflicts=0), *rest)
        run.lease.stale = lease.stale

    return trusting


@bug("no invalidation after a recovery", worlds="overwrites, and faults at pages", first=18)
def no_invalidation_after_recovery(_: World) -> Iterator[None]:
    """Changes of the dead run are not invalidated."""
    with patched((Invalidation, "note", _uncertain(lambda run: run.conflicts > 0))):
        yield


@bug("no invalidation after a conflict", worlds="overwrites, and faults at pages", first=90)
def no_invalidation_after_conflict(_: World) -> Iterator[None]:
    """Changes of a failed attempt are not invalidated."""
    with patched((Invalidation, "note", _uncertain(lambda run: run.lease.recovery))):
        yield


@bug(
    "nobody remembers what is still to be invalidated",
    worlds="overwrites, and faults at pages",
    first=33,
)
def stale_is_forgotten(_: World) -> Iterator[None]:
    """An invocation that dies before its invalidation leaves old files at the edge."""
    release = MemoryLockTable.release

    def forgetful(self: MemoryLockTable, *args: Any, **_: Any) -> bool:
        return release(self, *args)

    with patched((MemoryLockTable, "release", forgetful)):
        yield


@bug(
    "a refusal of the CDN is taken for success", worlds="overwrites, and faults at pages", first=33
)
def refusal_is_success(_: World) -> Iterator[None]:
    """CloudFront refuses an invalidation while too many others are in progress."""
    send = Invalidation.send

    def careless(self: Invalidation) -> None:
        try:
            send(self)
        except CdnError:
            for lock_id, stale in self.stale.items():
                self.leases.table.forget(lock_id, stale)

    with patched((Invalidation, "send", careless)):
        yield
