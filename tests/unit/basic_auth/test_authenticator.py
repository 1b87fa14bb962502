"""Check passwords."""

import hashlib
import hmac
import logging
from dataclasses import replace
from typing import Any

import pytest

from basic_auth.authenticator import Authenticator
from basic_auth.credentials import Credentials
from basic_auth.lru_cache import CAPACITY
from basic_auth.passwords import Record, hash_password
from basic_auth.prefixes import EVERYTHING, Prefixes
from tests.unit.basic_auth.conftest import OLD

Work = list[tuple[int, int, int]]
ALICE = Credentials("alice", "secret")


@pytest.fixture
def records(record: Record) -> dict[str, Record]:
    """Return the records of alice and old."""
    return {"alice": record, "old": OLD}


@pytest.fixture
def authenticator(records: dict[str, Record]) -> Authenticator:
    """Return an authenticator with these records."""
    return Authenticator(records.get)


@pytest.mark.parametrize(
    ("user", "password", "right"),
    [
        ("alice", "secret", True),
        ("alice", "Secret", False),
        ("alice", "", False),
        ("Alice", "secret", False),
        ("old", "hunter2", True),
        ("old", "secret", False),
        ("nobody", "secret", False),
        ("", "", False),
    ],
)
def test_checks(authenticator: Authenticator, user: str, password: str, *, right: bool) -> None:
    """A right password returns the user's prefixes, also from the cache."""
    credentials = Credentials(user, password)
    expected = EVERYTHING if right else None

    assert authenticator.prefixes(credentials) == expected
    assert authenticator.prefixes(credentials) == expected


def test_prefixes_are_those_of_the_record_now(
    authenticator: Authenticator, records: dict[str, Record]
) -> None:
    """Cached results have the record's current prefixes."""
    for names in (["team/"], ["/"], ["team/dev/", "other/"]):
        prefixes = Prefixes.parse(names)
        records["alice"] = replace(records["alice"], prefixes=prefixes)
        assert authenticator.prefixes(ALICE) == prefixes
        assert authenticator.prefixes(ALICE) == prefixes


@pytest.mark.parametrize("user", ["alice", "nobody", "old"])
@pytest.mark.parametrize("password", ["secret", "wrong"])
def test_hashes_once(authenticator: Authenticator, work: Work, user: str, password: str) -> None:
    """The same credentials are hashed once, whether they are right, wrong or unknown."""
    for _ in range(10):
        authenticator.prefixes(Credentials(user, password))

    assert len(work) == 1


def test_a_new_password_is_heeded_at_once(
    authenticator: Authenticator, records: dict[str, Record]
) -> None:
    """A cached result does not apply to a changed record."""
    new = Credentials("alice", "new")
    assert authenticator.prefixes(ALICE)
    assert not authenticator.prefixes(new)

    records["alice"] = hash_password("new")
    assert not authenticator.prefixes(ALICE)
    assert authenticator.prefixes(new)


def test_a_removed_user_is_heeded_at_once(
    authenticator: Authenticator, records: dict[str, Record]
) -> None:
    """A cached password is refused after the user was removed."""
    assert authenticator.prefixes(ALICE)

    del records["alice"]
    assert not authenticator.prefixes(ALICE)


def test_guesses_do_not_push_out_what_is_right(
    authenticator: Authenticator, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong passwords do not evict right ones, and memory is bounded."""
    assert authenticator.prefixes(ALICE)
    monkeypatch.setattr("basic_auth.authenticator.verify", lambda *_: False)
    for number in range(2 * CAPACITY):
        authenticator.prefixes(Credentials("alice", str(number)))

    assert authenticator.prefixes(ALICE)
    assert len(work) == 1
    assert len(authenticator._wrong) == CAPACITY


def test_the_least_recently_used_verdict_goes_first(
    authenticator: Authenticator, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache evicts the least recently used result."""
    monkeypatch.setattr("basic_auth.authenticator.verify", lambda *_: work.append((0, 0, 0)))
    guesses = [Credentials("alice", str(number)) for number in range(CAPACITY)]
    for guess in guesses:
        authenticator.prefixes(guess)
    authenticator.prefixes(guesses[0])
    authenticator.prefixes(Credentials("alice", "one more"))
    done = len(work)

    authenticator.prefixes(guesses[0])
    assert len(work) == done
    authenticator.prefixes(guesses[1])
    assert len(work) == done + 1


def test_the_same_steps_for_users_and_others(
    records: dict[str, Record], work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Existing, old and unknown users cost the same work.

    The time of a repeated guess is that of one keyed hash, over bytes whose number depends on what
    the client sent alone.
    """
    records["carol"] = replace(hash_password("x", 256), prefixes=Prefixes.parse(["a/", "b/"]))
    hashed: list[int] = []
    digest = hmac.digest

    def counted(key: bytes, message: bytes, algorithm: Any) -> bytes:
        hashed.append(len(message))
        return digest(key, message, algorithm)

    monkeypatch.setattr(hmac, "digest", counted)
    monkeypatch.setattr(Record, "to_json", None)  # which takes longer for a longer record
    steps = []
    for user in ("alice", "carol", "aaron", "..//x"):
        authenticator = Authenticator(records.get)
        hashed.clear()
        work.clear()
        for _ in range(3):
            assert authenticator.prefixes(Credentials(user, "wrong")) is None
        steps.append((list(hashed), list(work)))

    assert len({str(each) for each in steps}) == 1
    assert hashed == [hashed[0]] * 3
    assert hashlib.sha256().digest_size < hashed[0] < 100


def test_neither_names_nor_passwords_are_remembered(authenticator: Authenticator) -> None:
    """The cache keys are hashes with a key of each container."""
    authenticator.prefixes(ALICE)
    other = Authenticator(authenticator._find)
    other.prefixes(ALICE)

    (mark,), (another,) = authenticator._right._items, other._right._items
    assert len(mark) == 32
    assert mark != another


def test_names_and_passwords_are_told_apart(
    authenticator: Authenticator, records: dict[str, Record], record: Record
) -> None:
    """Different pairs of names and passwords have different cache keys."""
    records["alices"] = record
    assert authenticator.prefixes(ALICE)

    assert not authenticator.prefixes(Credentials("alices", "ecret"))
    assert not authenticator.prefixes(Credentials('alice", "secret', ""))


def test_old_records_are_reported(
    authenticator: Authenticator, caplog: pytest.LogCaptureFixture
) -> None:
    """A login with an old record is logged once, without secrets."""
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            authenticator.prefixes(Credentials("old", "hunter2"))
        authenticator.prefixes(Credentials("old", "hunter3"))

    assert len(caplog.records) == 1
    assert "password of user old" in caplog.text
    assert "put_user.py --overwrite" in caplog.text
    assert "hunter" not in caplog.text
