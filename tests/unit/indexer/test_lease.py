"""Leases with group commit: acquisition, coverage, and recovery."""

from dataclasses import replace
from typing import Any

import pytest

from lambda_indexer.errors import LeaseHeldError, LeaseLostError, LockTableError
from lambda_indexer.locks.lease import Leases
from lambda_indexer.ports import Acquisition, LockItem
from tests.fakes import Clock, MemoryLockTable

LOCK = "bucket/foo"


class World:
    """A lock table, a clock, and the leases of an invocation with a minute left."""

    def __init__(self, *, remaining: float = 60, max_wait: float = 20) -> None:
        self.clock, self.table = Clock(), MemoryLockTable()
        end = self.clock() + remaining
        self.leases = Leases(
            self.table,
            lambda: end - self.clock(),
            max_wait=max_wait,
            clock=self.clock,
            sleep=self.sleep,
            jitter=lambda: 0.5,
        )
        self.meanwhile: list[tuple[float, object]] = []
        self.sleeps = 0

    def sleep(self, seconds: float) -> None:
        """Advance the clock, and run the other invocations meanwhile."""
        self.sleeps += 1
        self.clock.sleep(seconds)
        while self.meanwhile and self.meanwhile[0][0] <= self.clock():
            action = self.meanwhile.pop(0)[1]
            assert callable(action)
            action()

    def item(self) -> LockItem:
        """Return the lock's item."""
        return self.table.items[LOCK]

    def held_by_another(self, seconds: float = 30) -> int:
        """Let another owner acquire the lease, and return its run."""
        now = self.clock()
        run = self.table.acquire(LOCK, "another", now, now + seconds, None).run
        assert run is not None
        return run


def test_a_free_lease_is_taken_and_given_back() -> None:
    """Afterwards, the item contains the completed run and no owner."""
    world = World()
    with world.leases.hold(LOCK) as lease:
        assert lease is not None
        assert not lease.recovery
        assert world.item().owner is not None
    assert world.item() == LockItem(run=lease.run, completed=lease.run)


def test_a_lease_outlives_its_invocation_by_the_margin() -> None:
    """A lease does not expire before its holder is killed, even with clock skew."""
    world = World(remaining=60)
    with world.leases.hold(LOCK):
        assert world.item().expires_at == world.clock() + 60 + 10


def test_runs_are_numbered_upwards_even_after_the_item_is_gone() -> None:
    """If TTL has deleted the item, the counter starts from the clock."""
    world = World(remaining=600)
    with world.leases.hold(LOCK) as first:
        pass
    world.table.items.clear()
    world.clock.sleep(100)
    with world.leases.hold(LOCK) as second:
        pass
    assert first is not None
    assert second is not None
    assert second.run > first.run


def test_waiting_for_a_lease_that_is_given_back() -> None:
    """The current run does not cover the waiting one, which runs next."""
    world = World()
    run = world.held_by_another()
    world.meanwhile = [
        (world.clock() + 1, lambda: world.table.release(LOCK, "another", run, None, frozenset()))
    ]
    with world.leases.hold(LOCK) as lease:
        assert lease is not None
        assert lease.run == run + 1
        assert not lease.recovery


def test_a_later_run_of_somebody_else_covers_us() -> None:
    """A completed run that started later covers the waiting one."""
    world = World()
    first = world.held_by_another()

    def another_run() -> None:
        world.table.release(LOCK, "another", first, None, frozenset())
        world.table.acquire(LOCK, "third", world.clock(), world.clock() + 30, None)
        world.table.release(LOCK, "third", first + 1, None, frozenset())
        world.table.acquire(LOCK, "fourth", world.clock(), world.clock() + 30, None)

    world.meanwhile = [(world.clock() + 1, another_run)]
    with world.leases.hold(LOCK) as lease:
        assert lease is None
    assert world.item().owner == "fourth"


def test_the_run_under_way_does_not_cover_us_when_it_completes() -> None:
    """The current run may have listed the bucket before the event."""
    world = World()
    first = world.held_by_another()

    def another_run_begins() -> None:
        world.table.release(LOCK, "another", first, None, frozenset())
        world.table.acquire(LOCK, "third", world.clock(), world.clock() + 5, None)

    world.meanwhile = [(world.clock() + 1, another_run_begins)]
    with world.leases.hold(LOCK) as lease:
        assert lease is not None


def test_nothing_is_begun_when_no_time_is_left() -> None:
    """Without enough time, the lease is not acquired."""
    world = World(remaining=4)
    with pytest.raises(LeaseHeldError), world.leases.hold(LOCK):
        pass
    assert world.table.calls == []


def test_the_holder_is_named_in_the_item() -> None:
    """The item contains the request ID of its holder."""
    world = World()
    leases = replace(world.leases, holder="request 42")
    with leases.hold(LOCK):
        assert str(world.item().owner).startswith("request 42 ")


def test_a_run_known_beforehand_covers_without_waiting() -> None:
    """The run from `declare` counts, even if the lease is free."""
    world = World()
    run = world.held_by_another()
    since = world.table.declare(LOCK, "+foo@1", 0)
    assert since == run
    world.table.release(LOCK, "another", run, None, frozenset())
    with world.leases.hold(LOCK, since) as lease:
        assert lease is not None  # the run under way at the declaration does not cover it
        lease.processed = lease.pending
    assert world.item().pending == frozenset()
    with world.leases.hold(LOCK, since) as lease:
        assert lease is None


def test_a_lease_that_is_over_is_taken_for_a_recovery_run() -> None:
    """After an expired lease, the next run is a recovery run."""
    world = World()
    world.held_by_another(seconds=5)
    with world.leases.hold(LOCK) as lease:
        assert lease is not None
        assert lease.recovery


def test_waiting_is_bounded_by_the_setting() -> None:
    """After the longest wait, the message fails with the lease's expiry."""
    world = World(max_wait=20)
    world.held_by_another(seconds=50)
    begun = world.clock()
    with pytest.raises(LeaseHeldError) as caught, world.leases.hold(LOCK):
        pass
    assert world.clock() - begun == pytest.approx(20, abs=1)
    assert caught.value.retry_after == pytest.approx(30, abs=1)
    assert world.sleeps < 60


def test_waiting_is_bounded_by_half_of_the_remaining_time() -> None:
    """A wait takes at most half of the time that is left."""
    world = World(remaining=25)
    world.held_by_another()
    begun = world.clock()
    with pytest.raises(LeaseHeldError), world.leases.hold(LOCK):
        pass
    assert world.clock() - begun == pytest.approx(10, abs=1)


def test_a_failure_leaves_the_next_run_a_warning() -> None:
    """The error is raised, the lease is released, and the next run is a recovery run."""
    world = World()
    with pytest.raises(RuntimeError, match="the body's"), world.leases.hold(LOCK) as lease:
        raise RuntimeError("the body's")
    assert lease is not None
    assert world.item().owner is None
    assert world.item().completed == 0
    with world.leases.hold(LOCK) as second:
        assert second is not None
        assert second.recovery
    assert world.item().dirty is None


def test_the_bodys_error_is_not_swallowed_by_one_of_the_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error of the release is a note on the original error."""
    world = World()

    def refuse(*_: object) -> None:
        raise LockTableError("throttled")

    monkeypatch.setattr(world.table, "abandon", refuse)
    with pytest.raises(RuntimeError, match="the body's") as caught, world.leases.hold(LOCK):
        raise RuntimeError("the body's")
    assert "throttled" in caught.value.__notes__[0]


def test_a_lost_lease_fails_the_work_and_leaves_the_new_holder_alone() -> None:
    """The new holder keeps the lease, and a recovery run follows."""
    world = World()

    def lose() -> None:
        world.clock.sleep(1000)
        world.held_by_another(seconds=2000)

    with pytest.raises(LeaseLostError), world.leases.hold(LOCK):
        lose()
    item = world.item()
    assert item.owner == "another"
    assert world.table.release(LOCK, "another", item.run, None, frozenset())
    assert world.item().dirty is not None


def test_a_forced_unlock_is_noticed_by_the_holder() -> None:
    """`s3pypi force-unlock` removes the owner, and a recovery run follows."""
    world = World()
    with pytest.raises(LeaseLostError), world.leases.hold(LOCK) as lease:
        assert lease is not None
        world.table.items[LOCK] = LockItem(run=lease.run, dirty="force-unlock")
    assert world.item().dirty is not None


def test_our_own_acquisition_whose_answer_was_lost_is_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An acquisition that the client retried succeeds, as a recovery run."""
    world = World()
    acquire = world.table.acquire
    owners = []

    def twice(lock_id: str, owner: str, *rest: object) -> object:
        owners.append(owner)
        acquire(lock_id, owner, *rest)  # type: ignore[arg-type]
        return acquire(lock_id, owner, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(world.table, "acquire", twice)
    with world.leases.hold(LOCK) as lease:
        assert lease is not None
        assert lease.recovery
    assert len(owners) == 1


def test_a_release_that_fails_does_not_block_the_next_run() -> None:
    """If the release fails, the lease is abandoned, and a recovery run follows at once."""
    world = World()

    def refuse(*_: object, **__: object) -> bool:
        raise LockTableError("throttled")

    release, world.table.release = world.table.release, refuse  # type: ignore[method-assign]
    with pytest.raises(LockTableError, match="throttled"), world.leases.hold(LOCK):
        pass
    world.table.release = release  # type: ignore[method-assign]
    assert world.item().owner is None
    with world.leases.hold(LOCK) as lease:
        assert lease is not None
        assert lease.recovery
    assert world.sleeps == 0


@pytest.mark.parametrize("acquired", [True, False])
def test_an_acquisition_without_an_answer_does_not_block_the_next_run(
    monkeypatch: pytest.MonkeyPatch, *, acquired: bool
) -> None:
    """If the lease was acquired, it is given back; another owner's item is left as it is."""
    world = World()
    if not acquired:
        world.held_by_another()
    before, acquire = world.table.items.get(LOCK), world.table.acquire

    def lose(*args: Any) -> Acquisition:
        acquire(*args)
        raise LockTableError("no answer")

    monkeypatch.setattr(world.table, "acquire", lose)
    with pytest.raises(LockTableError, match="no answer"), world.leases.hold(LOCK):
        pass
    if acquired:
        assert world.item().owner is None
        assert world.item().dirty is not None
    else:
        assert world.item() == before


def test_a_lease_can_be_taken_without_declaring() -> None:
    """Only a free lease is acquired, because its holder settles declared entries."""
    world = World()
    with world.leases.hold(LOCK, entry="+foo@1") as lease:
        assert lease is not None
    assert [name for name, _ in world.table.calls] == ["acquire", "release"]


def test_an_entry_that_finds_no_room_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of declared entries is limited."""
    monkeypatch.setattr("lambda_indexer.locks.memory.MAX_PENDING", 2)
    world = World()
    world.held_by_another(seconds=1000)
    for number in range(5):
        with pytest.raises(LeaseHeldError), world.leases.hold(LOCK, entry=f"+foo@{number}"):
            pass
    assert world.item().pending == {"+foo@0", "+foo@1"}


def test_a_lease_that_was_taken_is_not_held() -> None:
    """A read of the item shows whether the lease is still held."""
    world = World()
    with pytest.raises(LeaseLostError), world.leases.hold(LOCK) as lease:
        assert lease is not None
        assert world.leases.is_held(LOCK, lease)
        world.clock.sleep(100)
        world.held_by_another()
        assert not world.leases.is_held(LOCK, lease)


def test_only_processed_entries_are_removed() -> None:
    """Entries that were declared meanwhile stay for the next holder."""
    world = World()
    world.table.declare(LOCK, "+foo@1", 0)
    with world.leases.hold(LOCK) as lease:
        assert lease is not None
        world.table.declare(LOCK, "+bar@1", 0)
        lease.processed = lease.pending
    assert world.item().pending == {"+bar@1"}
