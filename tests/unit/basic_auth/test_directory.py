"""The cache of users and issuers."""

import json
import logging

import pytest

from basic_auth.directory import (
    BUDGET_SECONDS,
    FRESH_SECONDS,
    PAUSE_SECONDS,
    USABLE_SECONDS,
    Directory,
    Page,
)
from basic_auth.errors import UsersUnavailableError
from basic_auth.issuers import MAX_ISSUERS
from basic_auth.passwords import Record
from tests.fakes import Clock
from tests.unit.basic_auth.fakes import MemoryStore

DOMAIN = "pypi.example.com"
AWS = "https://abc.tokens.sts.global.api.aws"


def issuer(url: str = AWS, audience: str = DOMAIN, **more: object) -> str:
    """Return an issuer's record."""
    subjects = {"arn:aws:iam::123456789012:role/ci": ["team/"]}
    return json.dumps({"issuer": url, "audience": audience, "subjects": subjects, **more})


@pytest.fixture
def clock() -> Clock:
    """Provide a clock that tests advance."""
    return Clock()


@pytest.fixture
def directory(store: MemoryStore, clock: Clock) -> Directory:
    """Provide the users of the store."""
    return Directory(store, DOMAIN, clock)


def test_finds_users(directory: Directory, record: Record) -> None:
    """Users are found by their exact names."""
    assert directory.user("alice") == record
    assert directory.user("Alice") is None
    assert directory.user("nobody") is None
    assert directory.user("../users/alice") is None
    assert directory.user("") is None


def test_requests_do_not_grow_with_names(
    directory: Directory, store: MemoryStore, clock: Clock
) -> None:
    """The store is read twice a minute, however many names are tried."""
    for number in range(1000):
        directory.user(f"guess-{number}")
    assert store.pages == 1

    clock.now += FRESH_SECONDS
    for number in range(1000):
        directory.user(f"guess-{number}")
    assert store.pages == 2


def test_reads_all_pages(directory: Directory, store: MemoryStore, record: Record) -> None:
    """A hundred users take ten requests, and all of them are known."""
    store.stored = {f"users/user-{number}": record.to_json() for number in range(100)}

    assert all(directory.user(name.removeprefix("users/")) for name in store.stored)
    assert store.pages == 10


def test_changes_are_seen_within_the_minute(
    directory: Directory, store: MemoryStore, clock: Clock
) -> None:
    """Added and removed users are noticed when the records are read again."""
    assert directory.user("alice")
    store.stored = {"users/bob": store.stored["users/alice"]}

    clock.now += FRESH_SECONDS - 1
    assert directory.user("alice")
    assert not directory.user("bob")
    clock.now += 1
    assert not directory.user("alice")
    assert directory.user("bob")
    assert FRESH_SECONDS < USABLE_SECONDS <= 60


def test_a_short_outage_is_not_noticed(
    directory: Directory, store: MemoryStore, clock: Clock
) -> None:
    """Cached records are used while the store fails, for up to a minute."""
    directory.user("alice")
    store.broken = True

    clock.now += USABLE_SECONDS - 1
    assert directory.user("alice")
    clock.now += 1
    with pytest.raises(UsersUnavailableError):
        directory.user("alice")
    with pytest.raises(UsersUnavailableError):
        directory.user("nobody")


def test_an_outage_is_not_made_worse(
    directory: Directory, store: MemoryStore, clock: Clock
) -> None:
    """A failing store is retried at intervals, until it works again."""
    store.broken = True
    for _ in range(1000):
        with pytest.raises(UsersUnavailableError):
            directory.user("alice")
    assert store.pages == 1

    store.broken = False
    clock.now += PAUSE_SECONDS
    assert directory.user("alice")


def test_a_frozen_container_reads_again(
    directory: Directory, store: MemoryStore, clock: Clock
) -> None:
    """Records that are hours old are not used, even if the store fails."""
    directory.user("alice")
    store.broken = True

    clock.now += 3 * 3600
    with pytest.raises(UsersUnavailableError):
        directory.user("alice")


def test_a_clock_that_is_set_back_keeps_nobody(
    directory: Directory, store: MemoryStore, clock: Clock
) -> None:
    """If the clock was set back, the store is read again."""
    directory.user("alice")
    store.stored.clear()

    clock.now -= 3600
    assert directory.user("alice") is None


class SlowStore(MemoryStore):
    """A store that takes a second for each page."""

    clock: Clock

    def page(self, token: str | None) -> Page:
        self.clock.now += 1
        return super().page(token)


def test_a_long_list_goes_on_with_the_next_request(clock: Clock, record: Record) -> None:
    """The next request continues an unfinished read."""
    store = SlowStore({f"users/user-{number:02}": record.to_json() for number in range(35)})
    store.clock = clock
    directory = Directory(store, DOMAIN, clock)

    with pytest.raises(UsersUnavailableError):
        directory.user("user-00")
    assert store.pages == 2  # the second one overran the budget
    assert BUDGET_SECONDS < 2

    assert directory.user("user-34")
    assert store.pages == 4


def test_a_slow_list_is_as_old_as_its_first_page(clock: Clock, record: Record) -> None:
    """The age of a read is that of its first page."""
    store = SlowStore({f"users/user-{number:02}": record.to_json() for number in range(25)})
    store.clock = clock
    directory = Directory(store, DOMAIN, clock)
    with pytest.raises(UsersUnavailableError):
        directory.user("user-00")
    begun = clock.now - 2
    del store.stored["users/user-00"]
    clock.now = begun + FRESH_SECONDS - 1
    assert directory.user("user-00")

    clock.now = begun + USABLE_SECONDS
    store.broken = True
    with pytest.raises(UsersUnavailableError):
        directory.user("user-00")


def test_an_unusable_record_concerns_one_user(
    store: MemoryStore, directory: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    """An invalid record is logged without its content, and the others work."""
    store.stored["users/bad"] = '{"password_hash": "topsecret"}'
    store.stored["users/bad/name"] = store.stored["users/alice"]
    store.stored["elsewhere/carol"] = store.stored["alice"] = store.stored["users/alice"]

    with caplog.at_level(logging.DEBUG):
        assert directory.user("bad") is None
    assert directory.user("bad/name") is None
    assert directory.user("carol") is None
    assert directory.user("alice")
    assert "user bad is invalid" in caplog.text
    assert "topsecret" not in caplog.text


def test_reads_issuers_with_the_users(
    directory: Directory, store: MemoryStore, record: Record
) -> None:
    """Issuers are read with the same requests as users."""
    for number in range(8):
        store.stored[f"issuers/{number}"] = issuer(f"https://{number}.example.com")

    assert len(directory.issuers()) == 8
    assert directory.user("alice") == record
    assert store.pages == 1


def test_a_removed_issuer_is_gone_within_the_minute(
    directory: Directory, store: MemoryStore, clock: Clock
) -> None:
    """A removed issuer is not trusted, even while the store fails."""
    store.stored["issuers/aws"] = issuer()
    assert list(directory.issuers()) == [AWS]

    del store.stored["issuers/aws"]
    clock.now += FRESH_SECONDS
    assert not directory.issuers()

    store.broken = True
    clock.now += USABLE_SECONDS
    with pytest.raises(UsersUnavailableError):
        directory.issuers()


def test_an_unusable_issuer_concerns_one_issuer(
    directory: Directory, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Invalid and duplicate records are logged, and the others work."""
    store.stored |= {
        "issuers/another-domain": issuer("https://b.example.com", audience="other.example.com"),
        "issuers/aws": issuer(),
        "issuers/again": issuer(),
        "issuers/bad": "{",
    }

    assert list(directory.issuers()) == [AWS]
    assert "issuer another-domain is invalid: Its audience is not" in caplog.text
    assert "issuer aws is ignored: another record has its URL" in caplog.text
    assert "issuer bad is invalid: It is not JSON" in caplog.text


def test_issuers_are_few(
    directory: Directory, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Issuers beyond the limit are ignored and logged."""
    for number in range(MAX_ISSUERS + 1):
        store.stored[f"issuers/{number:02}"] = issuer(f"https://{number}.example.com")

    assert len(directory.issuers()) == MAX_ISSUERS
    assert f"issuer {MAX_ISSUERS} is ignored" in caplog.text
