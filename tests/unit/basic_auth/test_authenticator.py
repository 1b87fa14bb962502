"""Whether somebody is who they say they are."""

import logging

import pytest

from basic_auth.authenticator import REMEMBERED, Authenticator
from basic_auth.credentials import Credentials
from basic_auth.passwords import Record, hash_password
from tests.unit.basic_auth.conftest import OLD

Work = list[tuple[int, int, int]]
ALICE = Credentials("alice", "secret")


@pytest.fixture
def records(record: Record) -> dict[str, Record]:
    """Give the records of alice and of old."""
    return {"alice": record, "old": OLD}


@pytest.fixture
def authenticator(records: dict[str, Record]) -> Authenticator:
    """Give a check of these records."""
    return Authenticator(records.get)


@pytest.mark.parametrize(
    ("user", "password", "admitted"),
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
def test_admits(authenticator: Authenticator, user: str, password: str, *, admitted: bool) -> None:
    """Who has the password of that very name is admitted, at the first time as at the second."""
    credentials = Credentials(user, password)

    assert authenticator.admits(credentials) is admitted
    assert authenticator.admits(credentials) is admitted


@pytest.mark.parametrize("user", ["alice", "nobody", "old"])
@pytest.mark.parametrize("password", ["secret", "wrong"])
def test_hashes_once(authenticator: Authenticator, work: Work, user: str, password: str) -> None:
    """The same credentials are hashed once, right or wrong, known or unknown."""
    for _ in range(10):
        authenticator.admits(Credentials(user, password))

    assert len(work) == 1


def test_a_new_password_is_heeded_at_once(
    authenticator: Authenticator, records: dict[str, Record]
) -> None:
    """What was right or wrong by one record is not by another, although it is remembered."""
    new = Credentials("alice", "new")
    assert authenticator.admits(ALICE)
    assert not authenticator.admits(new)

    records["alice"] = hash_password("new")
    assert not authenticator.admits(ALICE)
    assert authenticator.admits(new)


def test_a_removed_user_is_heeded_at_once(
    authenticator: Authenticator, records: dict[str, Record]
) -> None:
    """A password that is remembered lets nobody in who is not there any more."""
    assert authenticator.admits(ALICE)

    del records["alice"]
    assert not authenticator.admits(ALICE)


def test_guesses_do_not_push_out_what_is_right(
    authenticator: Authenticator, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any number of wrong passwords the right one is still remembered, and memory bounded."""
    assert authenticator.admits(ALICE)
    monkeypatch.setattr("basic_auth.authenticator.verify", lambda *_: False)
    for number in range(2 * REMEMBERED):
        authenticator.admits(Credentials("alice", str(number)))

    assert authenticator.admits(ALICE)
    assert len(work) == 1
    assert len(authenticator._wrong._items) == REMEMBERED


def test_neither_names_nor_passwords_are_remembered(authenticator: Authenticator) -> None:
    """What is kept is a keyed hash, of another key in each container."""
    authenticator.admits(ALICE)
    other = Authenticator(authenticator._find)
    other.admits(ALICE)

    (mark,), (another,) = authenticator._right._items, other._right._items
    assert len(mark) == 32
    assert mark != another


def test_names_and_passwords_are_told_apart(
    authenticator: Authenticator, records: dict[str, Record], record: Record
) -> None:
    """No two pairs are one to the memory, wherever one ends and the other begins."""
    records["alices"] = record
    assert authenticator.admits(ALICE)

    assert not authenticator.admits(Credentials("alices", "ecret"))
    assert not authenticator.admits(Credentials('alice", "secret', ""))


def test_old_records_are_reported(
    authenticator: Authenticator, caplog: pytest.LogCaptureFixture
) -> None:
    """Who logs in with an old record is named once, with what to do, and nothing secret."""
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            authenticator.admits(Credentials("old", "hunter2"))
        authenticator.admits(Credentials("old", "hunter3"))

    assert len(caplog.records) == 1
    assert "User old" in caplog.text
    assert "put_user.py --overwrite" in caplog.text
    assert "hunter" not in caplog.text
