"""Browsers get pages for the functions' own responses, and installers one plain line."""

from typing import Any

import html5lib
import pytest

from basic_auth.error_pages import as_page, is_browser
from basic_auth.passwords import Record
from basic_auth.responses import (
    forbidden,
    not_allowed,
    not_found,
    redirect,
    unauthorized,
    unavailable,
)
from tests.unit.basic_auth.fakes import MemoryStore
from tests.unit.basic_auth.test_function import ALICE, basic, event, make

BROWSERS = [
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
]
INSTALLERS = [
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.1, */*;q=0.01",
    "text/html",
    "*/*",
    "",
]


def answer(record: Record, accept: str, *authorization: str, **request: Any) -> dict[str, Any]:
    """Return the response for an Accept header."""
    asked = event(*authorization, **request)
    headers = asked["Records"][0]["cf"]["request"]["headers"]
    headers["accept"] = [{"key": "Accept", "value": accept}]
    return make(MemoryStore({"users/alice": record.to_json()}))(asked)


@pytest.mark.parametrize("accept", BROWSERS)
def test_a_browser_gets_pages(record: Record, accept: str) -> None:
    """They have the same status and headers, and valid HTML without external resources."""
    for authorization, uri, status in (((), "/foo/", "401"), ((basic(ALICE),), "/../", "404")):
        page = answer(record, accept, *authorization, uri=uri)
        plain = answer(record, "*/*", *authorization, uri=uri)
        assert page["status"] == plain["status"] == status
        assert page["headers"].pop("content-type")[0]["value"] == "text/html; charset=utf-8"
        assert plain["headers"].pop("content-type")[0]["value"] == "text/plain; charset=utf-8"
        assert page["headers"] == plain["headers"]
        html5lib.HTMLParser(strict=True).parse(page["body"])
        assert f"<p>{plain['body'].strip()}</p>" in page["body"]


@pytest.mark.parametrize("accept", INSTALLERS)
def test_an_installer_gets_one_line(record: Record, accept: str) -> None:
    """The line says what to do."""
    assert answer(record, accept)["body"] == (
        "Log in with a user name and a password, or with a token, of this index.\n"
    )
    assert not is_browser(accept)


@pytest.mark.parametrize(
    "response",
    [make("GET") for make in (forbidden, not_allowed, not_found, unavailable)]
    + [unauthorized("x", "GET")],
    ids=lambda response: response["status"],
)
def test_every_error_has_a_page(response: dict[str, Any]) -> None:
    """The heading is the reason phrase of HTTP."""
    assert f"<h1>{response['statusDescription']}</h1>" in as_page(response)["body"]
    assert response["body"].count("\n") == 1


def test_what_is_no_error_stays_as_it_is(record: Record) -> None:
    """Requests and responses to HEAD have no body."""
    passed = answer(record, BROWSERS[0], basic(ALICE))
    assert passed["uri"] == "/foo/"
    assert "body" not in answer(record, BROWSERS[0], method="HEAD")


def test_texts_are_escaped() -> None:
    """The message of a token's error is escaped."""
    page = as_page(unauthorized("x", "GET", "The token is rejected: <script>."))
    assert "&lt;script&gt;" in page["body"]
    assert as_page(redirect("/foo/", 301, "GET"))["headers"]["location"]
