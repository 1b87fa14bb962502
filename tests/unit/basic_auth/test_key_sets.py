"""The cache of issuers' keys: rotation, outages, and the number of requests."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basic_auth.errors import KeySetError, KeysUnavailableError
from basic_auth.key_sets import (
    FRESH_SECONDS,
    PAUSE_SECONDS,
    START_SECONDS,
    KeySets,
    parse_key_set,
)
from tests.fakes import Clock
from tests.unit.basic_auth.forging import KEYS_URL, key, key_set

ONE, TWO = key().jwk(), key("two").jwk()


class Network:
    """An issuer's server, which tests can change and break."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.document = key_set(ONE)
        self.broken = False
        self.seconds = 0.0
        self.asked: list[str] = []

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        self.clock.now += self.seconds
        if self.broken:
            raise KeySetError("the issuer responded with status 500")
        return self.document


@pytest.fixture
def clock() -> Clock:
    """Provide a clock that tests advance."""
    return Clock()


@pytest.fixture
def network(clock: Clock) -> Network:
    """Provide an issuer's server."""
    return Network(clock)


@pytest.fixture
def key_sets(network: Network, clock: Clock) -> KeySets:
    """Provide the key sets of that server."""
    return KeySets(network.fetch, clock)


def test_reads_once(key_sets: KeySets, network: Network, clock: Clock) -> None:
    """A cached key costs no request."""
    for _ in range(100):
        clock.now += 10
        assert key_sets.find(KEYS_URL, "one")

    assert network.asked == [KEYS_URL]


def test_reads_at_the_start(key_sets: KeySets, network: Network) -> None:
    """Keys are read before the first token."""
    key_sets.start([KEYS_URL, "https://b/"])
    assert network.asked == [KEYS_URL, "https://b/"]

    assert key_sets.find(KEYS_URL, "one")
    assert key_sets.find("https://b/", "one")
    assert len(network.asked) == 2


def test_the_start_takes_a_bounded_time(key_sets: KeySets, network: Network) -> None:
    """Key sets of slow issuers are read later."""
    network.seconds = 2

    key_sets.start(f"https://{number}/" for number in range(10))

    assert len(network.asked) == 2 > START_SECONDS / network.seconds


def test_unknown_keys_are_asked_for_once_a_minute(
    key_sets: KeySets, network: Network, clock: Clock
) -> None:
    """Invented key IDs cause one request a minute, and are rejected."""
    for number in range(1000):
        assert key_sets.find(KEYS_URL, f"guess-{number}") is None
    assert len(network.asked) == 1

    clock.now += PAUSE_SECONDS
    for number in range(1000):
        assert key_sets.find(KEYS_URL, f"guess-{number}") is None
    assert len(network.asked) == 2


def test_a_new_key_is_found(key_sets: KeySets, network: Network, clock: Clock) -> None:
    """A new key is found by its first token; the old one stays."""
    assert key_sets.find(KEYS_URL, "one")
    network.document = key_set(ONE, TWO)
    clock.now += PAUSE_SECONDS

    assert key_sets.find(KEYS_URL, "two")
    assert key_sets.find(KEYS_URL, "one")
    assert len(network.asked) == 2


def test_a_withdrawn_key_is_dropped(key_sets: KeySets, network: Network, clock: Clock) -> None:
    """A withdrawn key is rejected within an hour."""
    assert key_sets.find(KEYS_URL, "one")
    network.document = key_set(TWO)

    clock.now += FRESH_SECONDS
    assert key_sets.find(KEYS_URL, "one") is None
    assert key_sets.find(KEYS_URL, "two")


def test_known_keys_go_on_in_an_outage(
    key_sets: KeySets, network: Network, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """During an outage, cached keys work, and unknown keys get a 503."""
    assert key_sets.find(KEYS_URL, "one")
    network.broken = True
    clock.now += 10 * FRESH_SECONDS

    for _ in range(10):
        assert key_sets.find(KEYS_URL, "one")
        clock.now += 1
    with pytest.raises(KeysUnavailableError) as caught:
        key_sets.find(KEYS_URL, "two")
    assert len(network.asked) == 2
    assert caught.value.retry_seconds == PAUSE_SECONDS - 10
    assert f"{KEYS_URL} cannot be read: the issuer responded with status 500" in caplog.text

    network.broken, network.document = False, key_set(ONE, TWO)
    clock.now += caught.value.retry_seconds
    assert key_sets.find(KEYS_URL, "two")


def test_an_outage_at_the_start(key_sets: KeySets, network: Network, clock: Clock) -> None:
    """A container without keys responds with 503, and retries after a minute."""
    network.broken = True
    key_sets.start([KEYS_URL])
    with pytest.raises(KeysUnavailableError):
        key_sets.find(KEYS_URL, "one")
    assert len(network.asked) == 1

    network.broken = False
    clock.now += PAUSE_SECONDS
    assert key_sets.find(KEYS_URL, "one")


def test_a_bad_document_is_an_outage(key_sets: KeySets, network: Network, clock: Clock) -> None:
    """An invalid document does not replace cached keys."""
    assert key_sets.find(KEYS_URL, "one")
    network.document = b"<html>"
    clock.now += FRESH_SECONDS

    assert key_sets.find(KEYS_URL, "one")


def test_a_clock_that_is_set_back(key_sets: KeySets, network: Network, clock: Clock) -> None:
    """If the clock was set back, the key set is read again."""
    assert key_sets.find(KEYS_URL, "one")
    clock.now -= 3600

    assert key_sets.find(KEYS_URL, "one")
    assert len(network.asked) == 2


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": null}',
        b"[" * 60_000,
        b'{"keys": ' + b"[" * 60_000,
        b"\xff\xfe",
        key_set(*([{}] * 101)),
    ],
)
def test_refuses_what_is_no_key_set(document: bytes) -> None:
    """An invalid document raises KeySetError."""
    with pytest.raises(KeySetError):
        parse_key_set(document)


@pytest.mark.parametrize(
    "jwk",
    [
        {"kid": "one"},
        key().jwk(kid=1),
        key().jwk(kid=None),
        key().jwk(kty="EC"),
        key().jwk(use="enc"),
        key().jwk(alg="PS256"),
        key().jwk(n=None),
        key().jwk(n=17),
        key().jwk(n="="),
        key().jwk(n="\u0660"),
        key().jwk(n=""),
        key().jwk(n="A" * 9000),
        key().jwk(n="gA" + "A" * 340),  # even
        key().jwk(e=None),
        key().jwk(e="AQ"),
        key().jwk(e="AQAAAAAAAAAB"),
        key("small", 1024).jwk(),
        [],
        "one",
        None,
    ],
)
def test_leaves_out_what_is_no_key(jwk: object) -> None:
    """Invalid entries do not affect the others."""
    document = json.dumps({"keys": [jwk, TWO]}).encode()

    assert list(parse_key_set(document)) == ["two"]


def test_one_name_for_two_keys_is_none() -> None:
    """Different keys with the same ID are ignored; duplicates are not."""
    assert not parse_key_set(key_set(ONE, key("two").jwk(kid="one")))
    assert list(parse_key_set(key_set(ONE, ONE))) == ["one"]


JSON: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([{}])
)
MEMBERS = st.sampled_from(["kid", "kty", "n", "e", "alg", "use"])


@given(
    st.binary()
    | st.lists(st.dictionaries(MEMBERS, JSON), max_size=3).map(
        lambda keys: json.dumps({"keys": keys}).encode()
    )
)
def test_never_raises_anything_else(document: bytes) -> None:
    """Any document is parsed or raises KeySetError."""
    with contextlib.suppress(KeySetError):
        assert isinstance(parse_key_set(document), dict)
