"""Which users there are, and how old that knowledge may be."""

import logging

import pytest

from basic_auth.errors import UsersUnavailableError
from basic_auth.passwords import Record
from basic_auth.users import (
    BUDGET_SECONDS,
    FRESH_SECONDS,
    PAUSE_SECONDS,
    USABLE_SECONDS,
    Page,
    Users,
)
from tests.fakes import Clock
from tests.unit.basic_auth.fakes import MemoryStore


@pytest.fixture
def clock() -> Clock:
    """Give a clock that tests move."""
    return Clock()


@pytest.fixture
def users(store: MemoryStore, clock: Clock) -> Users:
    """Give the users of the store."""
    return Users(store, clock)


def test_finds_users(users: Users, record: Record) -> None:
    """A user is found by the very name, and nobody else is."""
    assert users.find("alice") == record
    assert users.find("Alice") is None
    assert users.find("nobody") is None
    assert users.find("../users/alice") is None
    assert users.find("") is None


def test_requests_do_not_grow_with_names(users: Users, store: MemoryStore, clock: Clock) -> None:
    """However many names are tried, the store is read twice a minute."""
    for number in range(1000):
        users.find(f"guess-{number}")
    assert store.pages == 1

    clock.now += FRESH_SECONDS
    for number in range(1000):
        users.find(f"guess-{number}")
    assert store.pages == 2


def test_reads_all_pages(users: Users, store: MemoryStore, record: Record) -> None:
    """A hundred users take ten requests, and all of them are known."""
    store.stored = {f"user-{number}": record.to_json() for number in range(100)}

    assert all(users.find(name) for name in store.stored)
    assert store.pages == 10


def test_changes_are_seen_within_the_minute(users: Users, store: MemoryStore, clock: Clock) -> None:
    """A removed user is unknown, and a new one is known, when what was read is no longer fresh."""
    assert users.find("alice")
    store.stored = {"bob": store.stored["alice"]}

    clock.now += FRESH_SECONDS - 1
    assert users.find("alice")
    assert not users.find("bob")
    clock.now += 1
    assert not users.find("alice")
    assert users.find("bob")
    assert FRESH_SECONDS < USABLE_SECONDS <= 60


def test_a_short_outage_is_not_noticed(users: Users, store: MemoryStore, clock: Clock) -> None:
    """What was read serves on while the store fails, until it is a minute old."""
    users.find("alice")
    store.broken = True

    clock.now += USABLE_SECONDS - 1
    assert users.find("alice")
    clock.now += 1
    with pytest.raises(UsersUnavailableError):
        users.find("alice")
    with pytest.raises(UsersUnavailableError):
        users.find("nobody")


def test_an_outage_is_not_made_worse(users: Users, store: MemoryStore, clock: Clock) -> None:
    """A store that fails is asked once in a while, and known to be back soon after it is."""
    store.broken = True
    for _ in range(1000):
        with pytest.raises(UsersUnavailableError):
            users.find("alice")
    assert store.pages == 1

    store.broken = False
    clock.now += PAUSE_SECONDS
    assert users.find("alice")


def test_a_frozen_container_reads_again(users: Users, store: MemoryStore, clock: Clock) -> None:
    """What was read hours ago is not used, not even when the store fails."""
    users.find("alice")
    store.broken = True

    clock.now += 3 * 3600
    with pytest.raises(UsersUnavailableError):
        users.find("alice")


def test_a_clock_that_is_set_back_keeps_nobody(
    users: Users, store: MemoryStore, clock: Clock
) -> None:
    """An age that is below zero is no age: the store is read again."""
    users.find("alice")
    store.stored.clear()

    clock.now -= 3600
    assert users.find("alice") is None


class SlowStore(MemoryStore):
    """A store that takes a second for each page."""

    clock: Clock

    def page(self, token: str | None) -> Page:
        self.clock.now += 1
        return super().page(token)


def test_a_long_list_goes_on_with_the_next_request(clock: Clock, record: Record) -> None:
    """What cannot be read in one request's time is not started again by the next one."""
    store = SlowStore({f"user-{number:02}": record.to_json() for number in range(35)})
    store.clock = clock
    users = Users(store, clock)

    with pytest.raises(UsersUnavailableError):
        users.find("user-00")
    assert store.pages == 2  # the second one overran the budget
    assert BUDGET_SECONDS < 2

    assert users.find("user-34")
    assert store.pages == 4


def test_a_slow_list_is_as_old_as_its_first_page(clock: Clock, record: Record) -> None:
    """A user who was removed after the first page was read is gone a minute after that."""
    store = SlowStore({f"user-{number:02}": record.to_json() for number in range(25)})
    store.clock = clock
    users = Users(store, clock)
    with pytest.raises(UsersUnavailableError):
        users.find("user-00")
    begun = clock.now - 2
    del store.stored["user-00"]
    clock.now = begun + FRESH_SECONDS - 1
    assert users.find("user-00")

    clock.now = begun + USABLE_SECONDS
    store.broken = True
    with pytest.raises(UsersUnavailableError):
        users.find("user-00")


def test_an_unusable_record_concerns_one_user(
    store: MemoryStore, users: Users, caplog: pytest.LogCaptureFixture
) -> None:
    """One bad record is reported without its content, and the others come in."""
    store.stored["bad"] = '{"password_hash": "topsecret"}'
    store.stored["bad/name"] = store.stored["alice"]

    with caplog.at_level(logging.DEBUG):
        assert users.find("bad") is None
    assert users.find("bad/name") is None
    assert users.find("alice")
    assert "user bad is unusable" in caplog.text
    assert "topsecret" not in caplog.text
