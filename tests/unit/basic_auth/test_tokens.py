"""Tokens at the function: access, lifetimes and outages."""

import base64
import json
import logging
import secrets
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basic_auth import lru_cache
from basic_auth.directory import FRESH_SECONDS, USABLE_SECONDS
from basic_auth.errors import KeySetError
from basic_auth.key_sets import PAUSE_SECONDS
from basic_auth.passwords import hash_password
from basic_auth.prefixes import Prefixes
from basic_auth.public_keys import PublicKey
from basic_auth.readers import Readers
from basic_auth.viewer_request import ViewerRequest
from tests.fakes import Clock
from tests.unit.basic_auth.fakes import MemoryStore
from tests.unit.basic_auth.forging import (
    DOMAIN,
    ISSUER,
    ROLE,
    claims,
    header,
    issuer,
    key,
    key_set,
    token,
)

Json = dict[str, Any]


@dataclass
class World:
    """A container, and the services that it uses."""

    clock: Clock = field(default_factory=Clock)
    store: MemoryStore = field(default_factory=lambda: MemoryStore({"issuers/aws": issuer()}))
    keys: bytes | None = field(default_factory=lambda: key_set(key().jwk()))
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        readers = Readers(self.store, DOMAIN, self.fetch, self.clock)
        self.function = ViewerRequest(DOMAIN, readers.prefixes)

    def fetch(self, url: str) -> bytes:
        """Return the document of a URL."""
        self.fetched.append(url)
        if self.keys is None:
            raise KeySetError("the issuer responded with status 503")
        return self.keys

    def token(self, **changes: Any) -> str:
        """Return a valid token."""
        return token(header(), claims(self.clock.now, **changes))

    def ask(self, text: str, uri: str = "/foo/", method: str = "GET", user: str = "aws") -> Json:
        """Send a request with a token."""
        value = base64.b64encode(f"{user}:{text}".encode()).decode()
        headers = {"authorization": [{"key": "Authorization", "value": f"Basic {value}"}]}
        request = {"method": method, "uri": uri, "querystring": "", "headers": headers}
        return self.function({"Records": [{"cf": {"request": request}}]})

    def status(self, text: str, uri: str = "/foo/", **more: Any) -> str:
        """Return the status of the response; "200" if the object is served."""
        answer = self.ask(text, uri, **more)
        return str(answer.get("status", "200"))


@pytest.fixture
def world() -> World:
    """Provide a container that trusts AWS tokens of one role."""
    return World()


def test_opens_the_index(world: World) -> None:
    """A valid token grants access, and the header is removed."""
    answer = world.ask(world.token())

    assert answer["uri"] == "/foo/"
    assert "authorization" not in answer["headers"]


def test_a_wrong_token_is_401(world: World) -> None:
    """The response says what is wrong with the token."""
    answer = world.ask(world.token(aud="other"))

    assert answer["status"] == "401"
    assert "www-authenticate" in answer["headers"]
    assert answer["body"] == f"The token is rejected: its audience is not {DOMAIN}.\n"


def test_the_wrong_prefix_is_403(world: World) -> None:
    """Other prefixes are a 403, also in redirects."""
    world.store.stored["issuers/aws"] = issuer({ROLE: ["team/"]})
    text = world.token()

    assert world.status(text, "/team/foo/") == "200"
    assert world.status(text, "/Team/") == "301"
    for uri in ("/foo/", "/", "/teamx/foo/", "/Foo", "/team.whl"):
        assert world.status(text, uri) == "403", uri
        assert world.ask(text, uri)["headers"]["cache-control"][0]["value"] == "no-store"
    assert world.status(text, "/team%2Ffoo/") == "404"
    assert world.status(text, "/team/", method="OPTIONS") == "405"
    assert world.status(text, "/team/foo/", method="HEAD") == "200"


def test_a_subject_without_a_rule_reads_nothing(world: World) -> None:
    """A valid token without a matching rule is a 403."""
    text = world.token(sub="arn:aws:iam::123456789012:role/other")

    assert [world.status(text, uri) for uri in ("/", "/foo/", "/team/")] == ["403"] * 3


def test_passwords_have_the_same_prefixes(world: World) -> None:
    """The same rules apply to passwords with prefixes."""
    record = hash_password("secret", prefixes=Prefixes.parse(["team/"]))
    world.store.stored |= {
        "users/alice": record.to_json(),
        "users/bob": hash_password("secret").to_json(),
    }

    assert world.status("secret", "/team/foo/", user="alice") == "200"
    assert world.status("secret", "/teamx/foo/", user="alice") == "403"
    assert world.status("secret", "/", user="alice") == "403"
    assert world.status("wrong", "/", user="alice") == "401"
    assert world.status("secret", "/teamx/foo/", user="bob") == "200"


def test_ends_with_the_token(world: World) -> None:
    """A cached token is rejected when it expires."""
    text = world.token()
    for _ in range(60):
        assert world.status(text) == "200"
        world.clock.now += 60
    assert world.clock.now == Clock().now + 3600
    assert world.status(text) == "401"
    assert "expired" in world.ask(text)["body"]


def test_a_token_is_verified_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cached token costs no RSA verification."""
    times = []
    verifies = PublicKey.verifies

    def counted(self: PublicKey, message: bytes, signature: bytes) -> bool:
        times.append(message)
        return verifies(self, message, signature)

    monkeypatch.setattr(PublicKey, "verifies", counted)
    text = world.token()
    for _ in range(10):
        assert world.status(text) == "200"

    assert len(times) == 1


def test_what_is_remembered_is_bounded_and_hashed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache is limited, has hashed keys, and no rejected tokens."""
    monkeypatch.setattr(lru_cache, "CAPACITY", 20)
    for number in range(25):
        assert world.status(world.token(jti=str(number))) == "200"
    wrong = world.token(aud="x")
    assert world.status(wrong) == "401"

    verifier = world.function._prefixes.__self__._tokens  # type: ignore[attr-defined]
    assert len(verifier._verified) == 20
    assert {len(mark) for mark in verifier._verified._items} == {32}
    assert secrets.token_bytes(32) != verifier._secret


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"issuers/aws": issuer({"arn:aws:iam::123456789012:role/other": ["/"]})},
        {"issuers/aws": issuer({ROLE: ["team/"]})},
        {"issuers/aws": issuer(audience="other.example.com")},
        {"issuers/aws": issuer(issuer="https://other.example.com")},
        {"issuers/aws": "{"},
    ],
)
def test_a_removed_rule_ends_within_a_minute(world: World, change: dict[str, str]) -> None:
    """Removing a rule affects cached tokens."""
    text = world.token()
    assert world.status(text) == "200"
    world.store.stored = change

    world.clock.now += FRESH_SECONDS
    assert FRESH_SECONDS <= 60
    assert world.status(text) in {"401", "403"}


def test_a_new_rule_begins_within_a_minute(world: World) -> None:
    """A new rule applies to existing tokens."""
    text = world.token(sub="someone")
    assert world.status(text) == "403"
    world.store.stored["issuers/aws"] = issuer({"some*": ["/"]})

    world.clock.now += FRESH_SECONDS
    assert world.status(text) == "200"


def test_key_rotation(world: World) -> None:
    """Tokens of the old and the new key are valid while both are published."""
    old = world.token()
    assert world.status(old) == "200"
    world.keys = key_set(key().jwk(), key("two").jwk())
    new = token(header(kid="two"), claims(world.clock.now), key("two"))

    world.clock.now += PAUSE_SECONDS
    assert [world.status(text) for text in (new, old, new)] == ["200"] * 3
    assert len(world.fetched) == 2


def test_an_issuers_outage(world: World) -> None:
    """Cached keys continue to work; unknown keys get a 503 with Retry-After."""
    assert world.status(world.token()) == "200"
    world.keys = None
    world.clock.now += PAUSE_SECONDS
    new = token(header(kid="two"), claims(world.clock.now), key("two"))

    answer = world.ask(new)

    assert answer["status"] == "503"
    assert answer["headers"]["retry-after"][0]["value"] == str(int(PAUSE_SECONDS))
    assert world.status(world.token(jti="another")) == "200"
    assert world.status(world.token(aud="x")) == "401"
    world.keys = key_set(key().jwk(), key("two").jwk())
    world.clock.now += PAUSE_SECONDS
    assert world.status(new) == "200"


def test_the_stores_outage(world: World) -> None:
    """If the rules cannot be read, the response is a 503."""
    text = world.token()
    assert world.status(text) == "200"
    world.store.broken = True

    world.clock.now += USABLE_SECONDS - 1
    assert world.status(text) == "200"
    world.clock.now += 1
    assert world.status(text) == "503"


def test_a_token_costs_the_store_nothing(world: World) -> None:
    """Valid and invalid tokens cause no requests to Parameter Store."""
    for number in range(50):
        world.status(world.token(jti=str(number)))
        world.status(world.token(aud=str(number)))

    assert world.store.pages == 1
    assert len(world.fetched) == 1


def test_nothing_is_logged_of_a_token(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """No part of a token is in the log or the response, even during an outage."""
    with caplog.at_level(logging.DEBUG):
        texts = [world.token(), world.token(aud="x"), world.token(iss="https://evil.example")]
        answers = [world.ask(text) for text in texts]
        world.keys = None
        world.clock.now += 10 * PAUSE_SECONDS
        texts.append(token(header(kid="Mysterious"), claims(world.clock.now)))
        answers.append(world.ask(texts[-1]))

    assert "cannot be read" in caplog.text
    for text in texts:
        for part in (*text.split("."), "evil.example", "Mysterious", ROLE):
            assert part[:16] not in caplog.text
            assert part[:16] not in json.dumps(answers)


# The verifier as a whole, on anything.
GOOD = token(header(), claims(Clock().now))
PART = st.sampled_from(GOOD.split(".")) | st.text("AZaz09_-=+/. \0é", max_size=12)
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
TREE = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
FUZZED = World()


@st.composite
def changed(draw: st.DrawFn) -> str:
    """Change a valid token in one place."""
    position = draw(st.integers(0, len(GOOD) - 1))
    with_ = draw(st.text("AZaz09_-=+/. ", max_size=2))
    return GOOD[:position] + with_ + GOOD[position + draw(st.integers(0, 2)) :]


@st.composite
def signed(draw: st.DrawFn) -> str:
    """Sign arbitrary claims with the right key."""
    heads = st.dictionaries(st.sampled_from(["alg", "kid", "crit", "typ", "jku", "b64"]), TREE)
    bodies = st.dictionaries(st.sampled_from(["iss", "aud", "sub", "iat", "exp", "nbf"]), TREE)
    head, body = draw(heads), draw(bodies)
    return token({**header(), **head}, {**claims(Clock().now), **body})


def harmless(text: str) -> bool:
    """Return whether a token has the relevant claims of the valid one."""
    try:
        head, body = (
            json.loads(base64.urlsafe_b64decode(part + "==")) for part in text.split(".")[:2]
        )
    except ValueError:
        return False
    if "crit" in head or (head.get("alg"), head.get("kid")) != ("RS256", "one"):
        return False
    now = Clock().now
    times = [body.get(name) for name in ("iat", "exp")] + [body.get("nbf", 0)]
    if not all(type(each) is int and each >= 0 for each in times):
        return False
    iat, exp, nbf = times
    return (
        (body.get("iss"), body.get("aud")) == (ISSUER, DOMAIN)
        and body.get("sub") == ROLE
        and max(iat, nbf) <= now + 60
        and now < exp <= iat + 3600
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(PART, max_size=5).map(".".join) | changed() | signed() | st.text(),
    st.sampled_from(["/", "/foo/", "/team/", "/x.whl", "/..", "/%2F"]),
)
def test_nothing_but_a_right_token_opens_anything(text: str, uri: str) -> None:
    """Any token gets a defined response, and only a valid one grants access."""
    answer = FUZZED.ask(text, uri)

    status = answer.get("status", "200")
    assert status in {"200", "301", "401", "403", "404"}
    if status not in {"401", "403"}:
        assert text == GOOD or harmless(text)
    assert "authorization" not in answer["headers"]
