"""The contract of the lock table, for the fakes and the adapter."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from lambda_indexer.aws import dynamodb
from lambda_indexer.aws.dynamodb import DynamoDBLockTable
from lambda_indexer.errors import LockTableError
from lambda_indexer.locks import memory
from lambda_indexer.locks.memory import LocalLockTable
from lambda_indexer.ports import LockItem, LockTable
from scripts.local.clients import Clients
from tests.fakes import MemoryLockTable

LOCK = "bucket/foo"
NONE: frozenset[str] = frozenset()
NOW = 1_800_000_000.0


def create_table(clients: Clients) -> str:
    """Create an empty lock table, and return its name."""
    name = f"locks-{uuid4()}"
    clients.dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@pytest.fixture(params=["memory", "local", "clients", "moto_clients"])
def table(request: pytest.FixtureRequest) -> Iterator[LockTable]:
    """Provide the two tables in memory, then the adapter on each emulator."""
    if request.param in {"memory", "local"}:
        yield MemoryLockTable() if request.param == "memory" else LocalLockTable()
        return
    clients: Clients = request.getfixturevalue(request.param)
    name = create_table(clients)
    yield DynamoDBLockTable(clients.dynamodb, name)
    clients.dynamodb.delete_table(TableName=name)


def acquire(
    table: LockTable, owner: str = "me", now: float = NOW, after: int | None = None
) -> int | None:
    """Try to acquire the lock for ten seconds; return the number of the run."""
    return table.acquire(LOCK, owner, now, now + 10, after).run


def item(table: LockTable) -> LockItem:
    """Return the lock's item, as a failing attempt shows it."""
    answer = table.acquire(LOCK, "nobody", -1, -1, -1)
    assert answer.run is None
    return answer.before


@pytest.mark.parametrize("table", ["memory", "clients", "moto_clients"], indirect=True)
def test_the_first_run_is_numbered_by_the_clock(table: LockTable) -> None:
    """The counter does not decrease when an item was deleted."""
    answer = table.acquire(LOCK, "me", NOW, NOW + 10, None)
    assert answer.run == NOW + 1
    assert answer.before == LockItem()
    assert item(table) == LockItem("me", NOW + 10, int(NOW) + 1)


def test_each_acquisition_is_a_new_run(table: LockTable) -> None:
    """The run increases by one, and the last completed run is kept."""
    first = acquire(table)
    assert first is not None
    assert table.release(LOCK, "me", first, None, NONE)
    assert item(table) == LockItem(run=first, completed=first)
    assert acquire(table, "you") == first + 1
    assert item(table).completed == first


def test_a_held_lease_is_not_given_away(table: LockTable) -> None:
    """A refused attempt returns the owner, the run and the expiry."""
    run = acquire(table)
    answer = table.acquire(LOCK, "you", NOW + 10, NOW + 20, None)
    assert answer.run is None
    assert answer.before == LockItem("me", NOW + 10, run or 0)


def test_a_lease_that_is_over_is_given_to_the_next(table: LockTable) -> None:
    """An expired lease is acquired; the previous owner is returned."""
    run = acquire(table)
    answer = table.acquire(LOCK, "you", NOW + 10.5, NOW + 20, None)
    assert answer.run == (run or 0) + 1
    assert answer.before.owner == "me"
    assert item(table).owner == "you"


def test_an_acquisition_is_refused_to_who_is_covered(table: LockTable) -> None:
    """An acquisition is refused if a later run has completed."""
    run = acquire(table) or 0
    table.release(LOCK, "me", run, None, NONE)
    refused = table.acquire(LOCK, "you", NOW, NOW + 10, run - 1)
    assert refused.run is None
    assert refused.before.completed == run
    assert acquire(table, "you", after=run) == run + 1


def test_our_own_lease_can_be_acquired_again(table: LockTable) -> None:
    """A retry after a lost response succeeds."""
    run = acquire(table) or 0
    assert acquire(table) == run + 1


def test_a_release_after_a_lost_answer_is_a_success(table: LockTable) -> None:
    """Repeating a release is not the loss of a lease."""
    run = acquire(table) or 0
    assert table.release(LOCK, "me", run, None, NONE)
    assert table.release(LOCK, "me", run, None, NONE)
    assert item(table).dirty is None


def test_a_lost_lease_is_not_released(table: LockTable) -> None:
    """The new owner keeps it, and the item is marked for the next run."""
    run = acquire(table) or 0
    second = acquire(table, "you", NOW + 11) or 0
    assert not table.release(LOCK, "me", run, None, NONE)
    now = item(table)
    assert (now.owner, now.run, now.completed) == ("you", second, 0)
    assert now.dirty
    assert table.release(LOCK, "you", second, None, NONE)
    assert item(table).dirty == now.dirty
    assert item(table).owner is None


def test_an_abandoned_lease_is_free_and_marked(table: LockTable) -> None:
    """The run did not complete, and the next run learns that."""
    run = acquire(table) or 0
    table.abandon(LOCK, "me", run)
    answer = table.acquire(LOCK, "you", NOW, NOW + 10, None)
    assert answer.run == run + 1
    assert answer.before.owner is None
    assert answer.before.completed == 0
    assert answer.before.dirty
    assert table.release(LOCK, "you", run + 1, answer.before.dirty, NONE)
    assert item(table).dirty is None


def test_abandoning_a_lost_lease_leaves_the_new_holder_alone(table: LockTable) -> None:
    """The new owner keeps it, and the item is marked."""
    run = acquire(table) or 0
    acquire(table, "you", NOW + 11)
    table.abandon(LOCK, "me", run)
    assert item(table).owner == "you"
    assert item(table).dirty


def test_abandoning_what_may_not_have_been_acquired(table: LockTable) -> None:
    """A lease of this owner is free and marked; that of another, and no item, stay as they are."""
    table.abandon(LOCK, "me", None)
    assert table.read(LOCK) == LockItem()
    acquire(table)
    before = table.read(LOCK)
    table.abandon(LOCK, "you", None)
    assert table.read(LOCK) == before
    table.abandon(LOCK, "me", None)
    assert table.read(LOCK).owner is None
    assert table.read(LOCK).dirty


def test_pending_entries_are_kept_until_they_are_processed(table: LockTable) -> None:
    """A release removes the entries that the owner took on acquisition."""
    assert table.declare(LOCK, "+a@1", NOW) == 0
    answer = table.acquire(LOCK, "me", NOW, NOW + 10, None)
    assert answer.before.pending == {"+a@1"}
    run = answer.run or 0
    assert table.declare(LOCK, "-b@2", NOW) == run
    assert table.release(LOCK, "me", run, None, frozenset({"+a@1", "+never@1"}))
    assert item(table).pending == {"-b@2"}
    assert table.declare(LOCK, "-b@2", NOW) == run


def test_an_item_can_be_read(table: LockTable) -> None:
    """Reading changes nothing; a missing item is empty."""
    assert table.read(LOCK) == LockItem()
    run = acquire(table)
    table.declare(LOCK, "+a@1", NOW)
    found = table.read(LOCK)
    assert (found.owner, found.run) == ("me", run)
    assert found.pending == {"+a@1"}


def test_pending_entries_are_bounded(table: LockTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """One entry too many is refused, as DynamoDB limits an item to 400 KB."""
    for module in (memory, dynamodb):
        monkeypatch.setattr(module, "MAX_PENDING", 3)
    for number in range(3):
        assert table.declare(LOCK, f"+a@{number}", NOW) is not None
    assert table.declare(LOCK, "+b@9", NOW) is None
    assert table.read(LOCK).pending == {"+a@0", "+a@1", "+a@2"}


def test_what_is_stale_is_kept_until_it_is_forgotten(table: LockTable) -> None:
    """Exactly the invalidated paths are removed; a run replaces those that it found."""
    run = acquire(table) or 0
    assert table.release(LOCK, "me", run, None, NONE, stale=frozenset({"1 /a", "1 /b"}))
    assert table.read(LOCK).stale == {"1 /a", "1 /b"}
    answer = table.acquire(LOCK, "me", NOW, NOW + 10, None)
    assert answer.before.stale == {"1 /a", "1 /b"}
    assert table.release(LOCK, "me", answer.run or 0, None, NONE, stale=frozenset({"1 /b", "2 /a"}))
    assert table.read(LOCK).stale == {"1 /b", "2 /a"}
    table.forget(LOCK, frozenset({"1 /a", "1 /b", "1 /c"}))
    assert table.read(LOCK).stale == {"2 /a"}
    table.forget(LOCK, frozenset({"2 /a"}))
    assert table.read(LOCK).stale == NONE


def test_a_missing_table_is_a_lock_table_error(clients: Clients) -> None:
    """Locking is never disabled implicitly, as in s3pypi 2."""
    table = DynamoDBLockTable(clients.dynamodb, "no-such-table")
    with pytest.raises(LockTableError, match="bucket/foo"):
        acquire(table)
    with pytest.raises(LockTableError, match="bucket/foo"):
        table.declare(LOCK, "+a@1", NOW)
    with pytest.raises(LockTableError, match="bucket/foo"):
        table.read(LOCK)


def test_items_are_removed_long_after_their_last_use(clients: Clients) -> None:
    """The TTL is in whole epoch seconds, days after the lease."""
    name = create_table(clients)
    acquire(DynamoDBLockTable(clients.dynamodb, name))
    [stored] = clients.dynamodb.scan(TableName=name)["Items"]
    assert int(stored["DeleteAt"]["N"]) == NOW + 10 + 30 * 24 * 3600
    assert float(stored["AcquiredAt"]["N"]) == NOW
