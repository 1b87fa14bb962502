"""Fixtures for the tests of the edge functions."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from basic_auth.passwords import Record, hash_password
from tests.unit.basic_auth.fakes import MemoryStore

OLD = Record(
    "sha1",
    "40b86e1e19db55a3bee43c1f82dce1d58f972d8b",
    "RRoCSRzvYJ1xRra2TWzhqS70wn84Sb_ElKxpl49o3Y0",
)
"""The record of "hunter2" as s3pypi 2.0.1 makes it."""


@pytest.fixture(scope="module", autouse=True)
def cheap_scrypt() -> Iterator[None]:
    """Hash with the least work; `test_passwords.py` tests the real one."""
    scrypt = hashlib.scrypt

    def cheap(password: bytes, **options: Any) -> bytes:
        return scrypt(password, **options | {"n": 2})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashlib, "scrypt", cheap)
        yield


@pytest.fixture(scope="module")
def record() -> Record:
    """Return the record of "secret"."""
    return hash_password("secret")


@pytest.fixture
def store(record: Record) -> MemoryStore:
    """Provide a store with alice, whose password is "secret", and old, whose record is."""
    return MemoryStore({"users/alice": record.to_json(), "users/old": OLD.to_json()})


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """Return the parameters n, r and p of each scrypt call."""
    done: list[tuple[int, int, int]] = []
    scrypt = hashlib.scrypt

    def counted(password: bytes, **options: Any) -> bytes:
        done.append((options["n"], options["r"], options["p"]))
        return scrypt(password, **options)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    return done
