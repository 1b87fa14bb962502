"""The whole function, with a store in memory."""

import base64
import json
import logging
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basic_auth import handler as module
from basic_auth.credentials import Credentials
from basic_auth.parameters import ParameterStore
from basic_auth.passwords import Record
from basic_auth.prefixes import EVERYTHING, Prefixes
from basic_auth.readers import Readers
from basic_auth.viewer_request import ViewerRequest
from tests.unit.basic_auth.fakes import MemoryStore

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "negotiation.json").read_text())
DOMAIN = "pypi.example.com"
ALICE = "alice:secret"
STATUSES = {"301", "401", "403", "404", "405", "503"}

Event = dict[str, Any]


@pytest.fixture(scope="module")
def function(record: Record) -> ViewerRequest:
    """Return the function, with the user alice and the password "secret"."""
    return make(MemoryStore({"users/alice": record.to_json()}))


def make(store: MemoryStore) -> ViewerRequest:
    """Create the function for a store."""
    return ViewerRequest(DOMAIN, Readers(store, DOMAIN, no_keys).prefixes)


def no_keys(url: str) -> bytes:
    """Fail, because no test here may fetch keys."""
    raise AssertionError(url)


def basic(credentials: str | bytes) -> str:
    """Return an Authorization header."""
    raw = credentials.encode() if isinstance(credentials, str) else credentials
    return f"Basic {base64.b64encode(raw).decode()}"


def event(*authorization: str, uri: str = "/foo/", **request: Any) -> Event:
    """Return CloudFront's event for a viewer request."""
    headers = {
        "host": [{"key": "Host", "value": "pypi.example.com"}],
        "accept": [{"key": "Accept", "value": "text/html"}],
        "authorization": [{"key": "Authorization", "value": value} for value in authorization],
    }
    if not authorization:
        del headers["authorization"]
    every = {"clientIp": "192.0.2.1", "headers": headers, "method": "GET", "querystring": ""}
    return {"Records": [{"cf": {"request": {**every, "uri": uri, **request}}}]}


def check_response(answer: Event, method: str = "GET") -> None:
    """Check that CloudFront would accept a generated response."""
    assert answer["status"] in STATUSES
    assert isinstance(answer["statusDescription"], str)
    for key, values in answer["headers"].items():
        assert key == key.lower()
        for each in values:
            assert each["key"].lower() == key
            assert each["value"].isascii()
            assert each["value"].isprintable()
    assert len(json.dumps(answer)) < 40_000
    assert ("body" in answer) == (method != "HEAD")


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_negotiates(function: ViewerRequest, vector: dict[str, Any]) -> None:
    """With the right password, all vectors of negotiation pass."""
    asked = event(basic(ALICE), uri=vector["uri"], querystring=vector["query"])
    headers = asked["Records"][0]["cf"]["request"]["headers"]
    headers["accept"] = [{"key": "Accept", "value": vector["accept"]}]
    if not vector["accept"]:
        del headers["accept"]

    answer = function(asked)

    expected = vector["expect"]
    if "serve" in expected:
        assert (answer["uri"], answer["querystring"]) == (expected["serve"], "")
        assert "status" not in answer
    elif "redirect" in expected:
        check_response(answer)
        assert len(json.dumps(answer)) < 10_000
        assert answer["status"] == str(expected["status"])
        assert answer["headers"]["location"][0]["value"] == expected["redirect"]
    else:
        check_response(answer)
        assert answer["status"] == "404"


@pytest.mark.parametrize("uri", [vector["uri"] for vector in VECTORS][::7])
def test_says_nothing_to_strangers(function: ViewerRequest, uri: str) -> None:
    """Without a password, every path is a 401."""
    answers = [function(event(uri=uri)), function(event(basic("alice:wrong"), uri=uri))]

    assert answers[0] == answers[1] == function(event())
    check_response(answers[0])
    assert answers[0]["status"] == "401"
    challenge = answers[0]["headers"]["www-authenticate"][0]["value"]
    assert challenge == 'Basic realm="pypi.example.com", charset="UTF-8"'
    assert answers[0]["headers"]["cache-control"][0]["value"] == "no-store"


def test_passes_on_all_but_the_password(function: ViewerRequest) -> None:
    """The request is passed on without the header and the query."""
    asked = event(basic(ALICE), uri="/foo/foo-1.0.tar.gz", querystring="x=1")
    expected = deepcopy(asked)["Records"][0]["cf"]["request"]
    del expected["headers"]["authorization"]

    assert function(asked) == {**expected, "querystring": ""}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE"])
def test_every_method_needs_the_password(function: ViewerRequest, method: str) -> None:
    """The check comes first, and a response to HEAD has no body."""
    answer = function(event(method=method))

    check_response(answer, method)
    assert answer["status"] == "401"


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "DELETE", "get", ""])
def test_other_methods_are_refused(function: ViewerRequest, method: str) -> None:
    """Nothing but GET and HEAD reaches the bucket, and an uploader reads what to do."""
    answer = function(event(basic(ALICE), method=method, uri="/Foo"))

    check_response(answer, method)
    assert (answer["status"], answer["headers"]["allow"][0]["value"]) == ("405", "GET, HEAD")
    assert answer["body"] == (
        "This address is for reading only. Upload packages with s3pypi upload.\n"
    )


def test_two_headers_are_none(function: ViewerRequest) -> None:
    """Two Authorization headers are ignored."""
    assert function(event(basic(ALICE), basic(ALICE)))["status"] == "401"


@pytest.mark.parametrize("authorization", [basic(ALICE), basic("alice:wrong"), basic("nobody:x")])
def test_an_outage_is_503(authorization: str, store: MemoryStore) -> None:
    """While credentials cannot be checked, all of them get a 503."""
    store.broken = True

    answer = make(store)(event(authorization))

    check_response(answer)
    assert answer["status"] == "503"
    assert int(answer["headers"]["retry-after"][0]["value"]) > 0


def test_an_outage_still_asks_for_a_password(store: MemoryStore) -> None:
    """A request without credentials gets a 401 even during an outage."""
    store.broken = True

    assert make(store)(event())["status"] == "401"


def test_the_unforeseen_lets_nobody_in_and_is_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    """The log has the kind and the place of an unexpected error, not its text."""

    def prefixes(credentials: object) -> Prefixes:
        raise ValueError(credentials, "secret")

    answer = ViewerRequest(DOMAIN, prefixes)(event(basic(ALICE)))

    check_response(answer)
    assert answer["status"] == "503"
    assert "Unexpected ValueError at " in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"Records": [{"cf": {}}]}])
def test_what_is_no_event_is_503(function: ViewerRequest, event: Event) -> None:
    """An invalid event results in a 503."""
    assert function(event)["status"] == "503"


# Pieces that a fuzzer would need long to put together.
PIECES = st.sampled_from(["Basic ", "basic\t", " ", ":", "alice", "secret", "=", "\0", "\r\n", "é"])
RAW = st.text() | st.lists(PIECES).map("".join)
AUTHORIZATION = RAW | st.binary().map(basic) | RAW.map(basic) | st.just(basic("alice:wrong"))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(AUTHORIZATION.filter(lambda value: value != basic(ALICE)), max_size=3),
    st.dictionaries(st.sampled_from(["accept", "host", "cookie", "é"]), st.lists(RAW, max_size=2)),
    st.text(),
    st.text(),
    st.sampled_from(["GET", "HEAD", "POST", "get", ""]),
)
def test_hostile_requests(
    authorization: list[str], headers: dict[str, list[str]], uri: str, query: str, method: str
) -> None:
    """No request raises, grants access, or causes a response that CloudFront refuses."""
    asked = event(*authorization, uri=uri, querystring=query, method=method)
    for name, values in headers.items():
        asked["Records"][0]["cf"]["request"]["headers"][name] = [
            {"key": name, "value": value} for value in values
        ]

    answer = FUZZED(asked)

    assert answer["status"] == "401"
    check_response(answer, method)


@given(st.text(), st.text(), RAW, st.sampled_from(["GET", "HEAD"]))
def test_hostile_users(uri: str, query: str, accept: str, method: str) -> None:
    """With access, every request is served, redirected on this host, or a 404."""
    asked = event(basic(ALICE), uri=uri, querystring=query, method=method)
    asked["Records"][0]["cf"]["request"]["headers"]["accept"][0]["value"] = accept

    answer = FUZZED(asked)

    if "status" in answer:
        check_response(answer, method)
        assert answer["status"] in {"301", "404"}
        for each in answer["headers"].get("location", []):
            assert each["value"].startswith("/")
            assert not each["value"].startswith("//")
    else:
        assert answer["uri"].startswith("/")


def cheap(credentials: Credentials) -> Prefixes | None:
    """Grant access to alice without hashing."""
    return EVERYTHING if credentials == Credentials(*ALICE.split(":")) else None


FUZZED = ViewerRequest(DOMAIN, cheap)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, store: MemoryStore) -> Iterator[list[str]]:
    """Connect the handler to a store in memory; return the requested domains."""
    domains = []

    def connect(domain: str, **_: Any) -> MemoryStore:
        domains.append(domain)
        return store

    monkeypatch.setattr(ParameterStore, "connect", connect)
    module._function.cache_clear()
    yield domains
    module._function.cache_clear()


def test_the_handler_is_wired_once(connected: list[str], store: MemoryStore) -> None:
    """The domain comes from the function's name, and a container connects once."""
    context = SimpleNamespace(function_name="us-east-1.s3pypi-auth__pypi_example_com")

    for _ in range(3):
        assert module.handler(event(basic(ALICE)), context)["uri"] == "/foo/"

    assert connected == ["pypi.example.com"]
    assert store.pages == 1


def test_a_handler_without_a_domain_lets_nobody_in(
    connected: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Without a domain in its name, it responds with 503 and logs why."""
    context = SimpleNamespace(function_name="s3pypi-basic-auth-pypi-example-com")

    with caplog.at_level(logging.ERROR):
        answer = module.handler(event(basic(ALICE)), context)

    check_response(answer, "HEAD")
    assert answer["status"] == "503"
    assert "does not contain a domain" in caplog.text
    assert not connected
