"""Records of passwords."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basic_auth.errors import RecordError
from basic_auth.passwords import NOBODY, N, P, R, Record, hash_password, verify
from basic_auth.prefixes import EVERYTHING, Prefixes
from tests.unit.basic_auth.conftest import OLD

Work = list[tuple[int, int, int]]

# Made by the first version that had scrypt, of "pässwörd": it must be right for ever.
GOLDEN = """{
  "password_hash": "687f2502cca96940a2b97eabcde0767ffb8f53ba0d5ce103a7da9fd56fe6460b",
  "password_salt": "RRoCSRzvYJ1xRra2TWzhqS70wn84Sb_ElKxpl49o3Y0",
  "algorithm": "scrypt",
  "n": 16384,
  "r": 8,
  "p": 1
}"""


def changed(**changes: Any) -> str:
    """Return the golden record with changes; None removes a key."""
    content = {**json.loads(GOLDEN), **changes}
    return json.dumps({key: value for key, value in content.items() if value is not None})


@pytest.fixture(scope="module", autouse=True)
def cheap_scrypt() -> None:
    """Hash with the real work here."""


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@settings(max_examples=5, deadline=None)
@given(TEXT, TEXT)
def test_right_and_wrong(password: str, other: str) -> None:
    """A password matches its own record and no other."""
    record = Record.parse(hash_password(password).to_json())

    assert verify(password, record)
    assert not verify(f"{other}!{password}", record)


def test_a_record_holds_for_ever() -> None:
    """A golden record must be supported by every later version."""
    record = Record.parse(GOLDEN)

    assert verify("pässwörd", record)
    assert not verify("passwörd", record)
    assert record.to_json() == GOLDEN
    assert not record.is_old


def test_one_text_in_two_forms_is_one_password() -> None:
    """Composed and decomposed characters are the same password."""
    assert verify("pa\u0308sswo\u0308rd", Record.parse(GOLDEN))


def test_no_two_records_are_alike() -> None:
    """Each record has a new salt of the requested length."""
    one, other = hash_password("secret", 16), hash_password("secret", 16)

    assert one.salt != other.salt
    assert one.hash != other.hash
    assert len(one.salt) == 22  # 16 bytes in base64
    assert len(hash_password("secret").salt) == 43


def test_old_records_are_verified() -> None:
    """A record of s3pypi 2.x is parsed, verified, and known as old."""
    record = Record.parse(
        '{"password_hash": "40b86e1e19db55a3bee43c1f82dce1d58f972d8b",'
        ' "password_salt": "RRoCSRzvYJ1xRra2TWzhqS70wn84Sb_ElKxpl49o3Y0"}'
    )

    assert record == OLD
    assert record.is_old
    assert verify("hunter2", record)
    assert not verify("hunter3", record)


@pytest.mark.parametrize("ending", ["\0", "\0\0", "\0" * 56, "\0x"])
def test_a_nul_is_in_no_password(ending: str) -> None:
    """A password with a NUL never matches."""
    assert not verify(f"pässwörd{ending}", Record.parse(GOLDEN))
    assert not verify(f"hunter2{ending}", OLD)


def test_the_same_work_for_everybody(work: Work) -> None:
    """Existing, unknown and old users cost one scrypt with the same parameters."""
    for record in (Record.parse(GOLDEN), NOBODY, OLD):
        assert not verify("wrong", record)

    assert work == [(N, R, P)] * 3


def test_an_unknown_user_has_no_password() -> None:
    """No password matches `NOBODY`, even with the same hash."""
    assert not verify("", NOBODY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hmac, "compare_digest", lambda *_: True)
        assert verify("", Record.parse(GOLDEN))
        assert not verify("", NOBODY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[" * 100_000,
        "[]",
        '"text"',
        "{}",
        changed(algorithm="bcrypt"),
        changed(algorithm=["scrypt"]),
        changed(password_hash=None),
        changed(password_hash="é" * 64),
        changed(password_hash="ab" * 31),
        changed(password_hash="ab " * 22),
        changed(password_hash=5),
        changed(password_salt=None),
        changed(password_salt=""),
        changed(password_salt="\ud800"),
        changed(n=None),
        changed(n="16384"),
        changed(n=1),
        changed(n=0),
        changed(n=-16384),
        changed(n=16383),
        changed(n=16384.0),
        changed(r=0),
        changed(p=0),
        changed(algorithm="sha1"),  # whose hashes are shorter
    ],
)
def test_refuses_what_is_no_record(text: str) -> None:
    """Malformed records are refused, and not quoted."""
    with pytest.raises(RecordError) as caught:
        Record.parse(text)

    assert "RRoCSR" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "cost", [{"n": 2**16}, {"n": 2**20}, {"r": 17}, {"p": 3}, {"n": 2, "r": 2**20}, {"n": 10**30}]
)
def test_refuses_costs_that_the_edge_cannot_bear(cost: dict[str, int]) -> None:
    """No record may cost more than twice the defaults."""
    with pytest.raises(RecordError, match=r"exceed the limits|power of two"):
        Record.parse(changed(**cost))


@pytest.mark.parametrize("cost", [{"n": 2**15}, {"r": 16}, {"p": 2}, {"n": 2, "r": 1}])
def test_bears_other_costs(cost: dict[str, int]) -> None:
    """Records within the limits are accepted by scrypt's implementation."""
    assert not verify("wrong", Record.parse(changed(**cost)))


def test_memory_is_bounded_by_openssl_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL has a memory limit, too."""
    limits: list[int] = []
    scrypt = hashlib.scrypt

    def noted(password: bytes, **options: Any) -> bytes:
        limits.append(options["maxmem"])
        return scrypt(password, **options)

    monkeypatch.setattr(hashlib, "scrypt", noted)
    verify("wrong", Record.parse(changed(n=2**15)))

    assert len(limits) == 1
    assert 32 << 20 < limits[0] < 96 << 20
    with pytest.raises(ValueError, match="memory limit exceeded"):
        scrypt(b"x", salt=b"x", n=2**17, r=8, p=1, maxmem=limits[0])


@pytest.mark.parametrize("prefixes", [["/"], ["team/"], ["team/dev/", "x/"]])
@pytest.mark.parametrize("text", [GOLDEN, OLD.to_json()])
def test_a_record_says_what_its_user_may_read(text: str, prefixes: list[str]) -> None:
    """Records have prefixes; the default is the whole index."""
    record = Record.parse(json.dumps({**json.loads(text), "prefixes": prefixes}))

    assert record.prefixes == Prefixes.parse(prefixes)
    assert Record.parse(record.to_json()) == record
    assert Record.parse(text).prefixes == EVERYTHING
    if prefixes != ["/"]:
        assert record.fingerprint != Record.parse(text).fingerprint


@pytest.mark.parametrize("prefixes", [[], None, "team/", {}, [1], ["a//b"], [".."], [""]])
def test_refuses_what_is_no_prefix(prefixes: object) -> None:
    """A record with invalid prefixes is refused."""
    with pytest.raises(RecordError, match="prefix"):
        Record.parse(json.dumps({**json.loads(GOLDEN), "prefixes": prefixes}))


def test_neither_hash_nor_salt_is_shown() -> None:
    """The representation contains neither of them."""
    assert "RRoCSR" not in repr(OLD)
    assert OLD.hash not in repr(OLD)
