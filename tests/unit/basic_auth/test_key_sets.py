"""The issuers' keys: rotation, outages, and how often an issuer is asked."""

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
    """An issuer's server, for tests to change and to break."""

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
    """Give a clock that tests move."""
    return Clock()


@pytest.fixture
def network(clock: Clock) -> Network:
    """Give an issuer's server."""
    return Network(clock)


@pytest.fixture
def key_sets(network: Network, clock: Clock) -> KeySets:
    """Give the key sets that come from it."""
    return KeySets(network.fetch, clock)


def test_reads_once(key_sets: KeySets, network: Network, clock: Clock) -> None:
    """A known key costs no request, however many tokens it has signed."""
    for _ in range(100):
        clock.now += 10
        assert key_sets.find(KEYS_URL, "one")

    assert network.asked == [KEYS_URL]


def test_reads_at_the_start(key_sets: KeySets, network: Network) -> None:
    """What the first tokens need is there before them."""
    key_sets.start([KEYS_URL, "https://b/"])
    assert network.asked == [KEYS_URL, "https://b/"]

    assert key_sets.find(KEYS_URL, "one")
    assert key_sets.find("https://b/", "one")
    assert len(network.asked) == 2


def test_the_start_takes_a_bounded_time(key_sets: KeySets, network: Network) -> None:
    """Slow issuers are left to the first tokens that need them."""
    network.seconds = 2

    key_sets.start(f"https://{number}/" for number in range(10))

    assert len(network.asked) == 2 > START_SECONDS / network.seconds


def test_unknown_keys_are_asked_for_once_a_minute(
    key_sets: KeySets, network: Network, clock: Clock
) -> None:
    """Whoever invents names of keys makes one request a minute, and gets a plain refusal."""
    for number in range(1000):
        assert key_sets.find(KEYS_URL, f"guess-{number}") is None
    assert len(network.asked) == 1

    clock.now += PAUSE_SECONDS
    for number in range(1000):
        assert key_sets.find(KEYS_URL, f"guess-{number}") is None
    assert len(network.asked) == 2


def test_a_new_key_is_found(key_sets: KeySets, network: Network, clock: Clock) -> None:
    """A key that the issuer has begun to use is found by its first token; the old one stays."""
    assert key_sets.find(KEYS_URL, "one")
    network.document = key_set(ONE, TWO)
    clock.now += PAUSE_SECONDS

    assert key_sets.find(KEYS_URL, "two")
    assert key_sets.find(KEYS_URL, "one")
    assert len(network.asked) == 2


def test_a_withdrawn_key_is_dropped(key_sets: KeySets, network: Network, clock: Clock) -> None:
    """A key that is not in the key set any more is refused within the hour."""
    assert key_sets.find(KEYS_URL, "one")
    network.document = key_set(TWO)

    clock.now += FRESH_SECONDS
    assert key_sets.find(KEYS_URL, "one") is None
    assert key_sets.find(KEYS_URL, "two")


def test_known_keys_go_on_in_an_outage(
    key_sets: KeySets, network: Network, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """While an issuer cannot be asked its known keys are used, and unknown ones wait."""
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
    """A container that has never had the keys says so, and asks again after a minute."""
    network.broken = True
    key_sets.start([KEYS_URL])
    with pytest.raises(KeysUnavailableError):
        key_sets.find(KEYS_URL, "one")
    assert len(network.asked) == 1

    network.broken = False
    clock.now += PAUSE_SECONDS
    assert key_sets.find(KEYS_URL, "one")


def test_a_bad_document_is_an_outage(key_sets: KeySets, network: Network, clock: Clock) -> None:
    """Keys that are known are not lost to an answer that is no key set."""
    assert key_sets.find(KEYS_URL, "one")
    network.document = b"<html>"
    clock.now += FRESH_SECONDS

    assert key_sets.find(KEYS_URL, "one")


def test_a_clock_that_is_set_back(key_sets: KeySets, network: Network, clock: Clock) -> None:
    """The key set is read again, for nothing is known of its age."""
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
    """Whatever a server answers is an error of its own kind, or a key set."""
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
    """One entry that cannot be used does not cost the others."""
    document = json.dumps({"keys": [jwk, TWO]}).encode()

    assert list(parse_key_set(document)) == ["two"]


def test_one_name_for_two_keys_is_none() -> None:
    """Which of them was meant cannot be known; the same key twice is one."""
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
    """A hostile key set is refused or read, whatever it is."""
    with contextlib.suppress(KeySetError):
        assert isinstance(parse_key_set(document), dict)
