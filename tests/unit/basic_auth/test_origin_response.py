import logging
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basic_auth.origin_response import handler
from basic_auth.upstream import Upstream

URL = "https://packages.example/simple/"
CUSTOM_HEADERS = Upstream(URL, ("acme-*",), frozenset({"team"})).headers()

Event = dict[str, Any]


def event(uri: str = "/requests/", status: str = "404", **request: Any) -> Event:
    """Return CloudFront's event for a response of S3."""
    bucket = "example.bucket.s3.eu-west-1.amazonaws.com"
    asked = {
        "clientIp": "192.0.2.1",
        "headers": {"host": [{"key": "Host", "value": bucket}]},
        "method": "GET",
        "origin": {
            "s3": {
                "authMethod": "none",
                "customHeaders": deepcopy(CUSTOM_HEADERS),
                "domainName": bucket,
                "path": "",
                "region": "eu-west-1",
            }
        },
        "querystring": "",
        "uri": uri,
    }
    headers = {
        "x-amz-request-id": [{"key": "x-amz-request-id", "value": "4442587FB7D0A2F9"}],
        "content-type": [{"key": "Content-Type", "value": "application/xml"}],
        "transfer-encoding": [{"key": "Transfer-Encoding", "value": "chunked"}],
        "set-cookie": [{"key": "Set-Cookie", "value": "session=secret"}],
    }
    response = {"status": status, "statusDescription": "Whatever", "headers": headers}
    return {"Records": [{"cf": {"request": {**asked, **request}, "response": response}}]}


def response_of(event: Event) -> Event:
    """Return a copy of S3's response."""
    response: Event = deepcopy(event["Records"][0]["cf"]["response"])
    return response


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "uri", ["/requests/", "/requests/index.json", "/team/requests/", "/requests/index.html"]
)
def test_missing_project(uri: str, method: str) -> None:
    """A 404 for a project's page becomes an uncacheable redirect with only the name.

    Transfer-Encoding stays, for a function may not take it away.
    """
    assert handler(event(uri, method=method)) == {
        "status": "302",
        "statusDescription": "Found",
        "headers": {
            "transfer-encoding": [{"key": "Transfer-Encoding", "value": "chunked"}],
            "location": [{"key": "Location", "value": f"{URL}requests/"}],
            "cache-control": [{"key": "Cache-Control", "value": "no-store"}],
        },
        "body": "",
    }


def test_web_pages_of_other_origins_follow_the_redirect() -> None:
    """The headers with which S3 lets them read its 404 are those of the redirect."""
    asked = event()
    shared = {
        "access-control-allow-origin": [{"key": "Access-Control-Allow-Origin", "value": "*"}],
        "vary": [{"key": "Vary", "value": "Origin"}],
    }
    asked["Records"][0]["cf"]["response"]["headers"] |= shared

    assert handler(asked)["headers"].items() >= shared.items()


FOUND = ["200", "206", "301", "304", "307"]
REFUSED = ["400", "403", "410", "412", "416", "429"]
FAILED = ["500", "502", "503", "504"]


@pytest.mark.parametrize("status", [*FOUND, *REFUSED, *FAILED, "0404", ""])
def test_every_other_status_stays(status: str) -> None:
    """Only a 404 is redirected, and no other failure."""
    asked = event(status=status)
    expected = response_of(asked)

    assert handler(asked) == expected


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", ""])
def test_every_other_method_stays(method: str) -> None:
    """Only GET and HEAD are redirected."""
    asked = event(method=method)
    expected = response_of(asked)

    assert handler(asked) == expected


@pytest.mark.parametrize(
    "uri",
    [
        *("/", "/index.json", "/team/", "/team/index.json", "/acme-app/", "/acme-app/index.json"),
        *("/team/acme-app/", "/elsewhere/requests/", "/requests/requests-2.0.tar.gz"),
        "/requests/requests-2.0-py3-none-any.whl.metadata",
    ],
)
def test_every_other_path_stays(uri: str) -> None:
    """Root pages, private names, files and metadata stay 404."""
    asked = event(uri)
    expected = response_of(asked)

    assert handler(asked) == expected


@pytest.mark.parametrize(
    "origin",
    [
        {},
        {"custom": {"customHeaders": CUSTOM_HEADERS}},
        {"s3": {}},
        {"s3": {"customHeaders": {}}},
        {"s3": {"customHeaders": {"x-s3pypi-upstream": []}}},
        {"s3": {"customHeaders": {"x-s3pypi-upstream": CUSTOM_HEADERS["x-s3pypi-upstream"]}}},
        {"s3": {"customHeaders": CUSTOM_HEADERS | {"x-s3pypi-private-names-1": [{}]}}},
        {
            "s3": {
                "customHeaders": CUSTOM_HEADERS
                | {"x-s3pypi-private-names-1": [{"key": "", "value": "Acme_*"}]}
            }
        },
    ],
)
def test_settings_that_cannot_be_used(origin: Event, caplog: pytest.LogCaptureFixture) -> None:
    """With invalid settings, nothing is redirected."""
    asked = event(origin=origin)
    expected = response_of(asked)

    with caplog.at_level(logging.ERROR):
        assert handler(asked) == expected

    assert len(caplog.records) == 1


HEADERS = st.dictionaries(
    st.sampled_from(["host", "x-s3pypi-upstream", "x-s3pypi-private-names-1", "authorization"]),
    st.lists(st.fixed_dictionaries({"key": st.text(), "value": st.text()}), max_size=2),
)


@given(
    st.text() | st.text(alphabet="/.%2fF\\@ab-index.json", max_size=20).map("/".__add__),
    st.sampled_from(["200", "403", "404", "503"]),
    st.sampled_from(["GET", "HEAD", "POST"]),
    HEADERS,
    st.text(),
)
def test_hostile_requests(uri: str, status: str, method: str, headers: Event, query: str) -> None:
    """No request raises, and only the name determines the redirect."""
    asked = event(uri, status, method=method, headers=headers, querystring=query)
    expected = response_of(asked)

    answer = handler(asked)

    if answer["status"] != "302":
        assert answer == expected
        return
    assert (status, method) in {("404", "GET"), ("404", "HEAD")}
    location = answer["headers"]["location"][0]["value"]
    name = location.removeprefix(URL).removesuffix("/")
    assert location == f"{URL}{name}/"
    assert all(part.isascii() and part.isalnum() for part in name.split("-"))
    assert not name.startswith("acme-")
    assert set(answer["headers"]) == {"transfer-encoding", "location", "cache-control"}
    assert len(str(answer)) < 2000


@given(HEADERS)
def test_hostile_settings(headers: Event) -> None:
    """Invalid settings redirect nothing, or to a valid URL."""
    asked = event(origin={"s3": {"customHeaders": headers}})

    answer = handler(asked)

    for each in answer["headers"].get("location", []):
        assert each["value"].endswith("/requests/")
        assert each["value"].isascii()
        assert each["value"].isprintable()
