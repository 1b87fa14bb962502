import contextlib
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

import html5lib
import pytest

from basic_auth.negotiation import JSON
from scripts.local.edge.object_headers import (
    FILE_CACHE_CONTROL,
    FILE_HEADERS,
    PAGE_CACHE_CONTROL,
    PAGE_HEADERS,
)
from scripts.local.ports import HOST
from scripts.local.stack import LocalStack

HTML = b"<!DOCTYPE html><title>foo</title>"
DOCUMENT = json.dumps({"name": "foo"}).encode()
WHEEL = bytes(range(256)) * 1024
WHEEL_URI = "/simple/foo/foo-1.0%2Bcu12-py3-none-any.whl"


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    headers: Message
    body: bytes


@pytest.fixture(scope="module")
def bucket(stack: LocalStack) -> str:
    """Provide a bucket with content as from the indexer."""
    name = stack.resources.bucket
    html = "text/html; charset=utf-8"
    objects: list[tuple[str, bytes, dict[str, Any]]] = [
        ("index.html", HTML, {"ContentType": html}),
        ("index.json", DOCUMENT, {"ContentType": JSON}),
        ("simple/", HTML, {"ContentType": html}),
        ("simple/index.json", DOCUMENT, {"ContentType": JSON}),
        ("simple/foo/", HTML, {"ContentType": html}),
        ("simple/foo/index.json", DOCUMENT, {"ContentType": JSON}),
        ("simple/foo/foo-1.0+cu12-py3-none-any.whl", WHEEL, {}),
        ("simple/foo/foo 1.whl", b"space", {}),
        ("simple/foo/foo%2B1.whl", b"twice", {}),
        ("simple/foo/own.whl", b"own", {"CacheControl": "max-age=7"}),
    ]
    for key, body, more in objects:
        stack.clients.s3.put_object(Bucket=name, Key=key, Body=body, **more)
    return name


@pytest.fixture
def connection(stack: LocalStack, bucket: str) -> Iterator[http.client.HTTPConnection]:
    """Provide a connection to the edge server of a filled bucket."""
    assert bucket
    connection = http.client.HTTPConnection(HOST, stack.edge.server_port, timeout=30)
    with contextlib.closing(connection):
        yield connection


def ask(
    connection: http.client.HTTPConnection, uri: str, method: str = "GET", **headers: str
) -> Answer:
    """Send a request; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, uri, headers=named)
    with connection.getresponse() as answer:
        return Answer(answer.status, answer.headers, answer.read())


@pytest.mark.parametrize("uri", ["/", "/simple/", "/simple/foo/"])
@pytest.mark.parametrize(
    ("accept", "kind", "body"),
    [("*/*", "text/html; charset=utf-8", HTML), (f"{JSON}, text/html;q=0.1", JSON, DOCUMENT)],
)
def test_page(
    connection: http.client.HTTPConnection, uri: str, accept: str, kind: str, body: bytes
) -> None:
    """A page has the requested form and must be revalidated."""
    answer = ask(connection, uri, Accept=accept)

    assert (answer.status, answer.body) == (200, body)
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Length"] == str(len(body))
    assert answer.headers["Cache-Control"] == PAGE_CACHE_CONTROL
    assert PAGE_HEADERS.items() <= dict(answer.headers).items()


def test_page_not_modified(connection: http.client.HTTPConnection) -> None:
    """A page that the client has is not sent again; the two forms have different ETags."""
    html = ask(connection, "/simple/foo/", Accept="text/html").headers["ETag"]
    page = ask(connection, "/simple/foo/", Accept=JSON).headers["ETag"]
    assert html != page

    again = ask(connection, "/simple/foo/", Accept=JSON, If_None_Match=page)
    other = ask(connection, "/simple/foo/", Accept="text/html", If_None_Match=page)

    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == page
    assert PAGE_HEADERS.items() <= dict(again.headers).items()
    assert again.headers["Cache-Control"] == PAGE_CACHE_CONTROL
    assert other.status == 200


def test_file(connection: http.client.HTTPConnection) -> None:
    """A file is sent whole, may be cached forever, and supports ranges."""
    answer = ask(connection, WHEEL_URI)

    assert (answer.status, answer.body) == (200, WHEEL)
    assert answer.headers["Cache-Control"] == FILE_CACHE_CONTROL
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Length"] == str(len(WHEEL))
    assert FILE_HEADERS.items() <= dict(answer.headers).items()
    assert "Vary" not in answer.headers
    assert "Content-Encoding" not in answer.headers


def test_json_page_by_its_own_path(connection: http.client.HTTPConnection) -> None:
    """As in a deployment, a path without a trailing slash is a file's."""
    answer = ask(connection, "/simple/foo/index.json")

    assert (answer.status, answer.body) == (200, DOCUMENT)
    assert answer.headers["Cache-Control"] == PAGE_CACHE_CONTROL
    assert FILE_HEADERS.items() <= dict(answer.headers).items()
    assert "Vary" not in answer.headers


def test_own_cache_control(connection: http.client.HTTPConnection) -> None:
    """The object's Cache-Control is passed on."""
    assert ask(connection, "/simple/foo/own.whl").headers["Cache-Control"] == "max-age=7"


def test_head(connection: http.client.HTTPConnection) -> None:
    """HEAD has the headers of GET and no body, also with a range."""
    whole = ask(connection, WHEEL_URI)
    head = ask(connection, WHEEL_URI, "HEAD", Range="bytes=0-1")

    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Length", "ETag", "Last-Modified", "Accept-Ranges", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=262000-", 262000, 262143), ("bytes=-16384", 245760, 262143)],
)
def test_range(connection: http.client.HTTPConnection, asked: str, first: int, last: int) -> None:
    """A range has its position and the size of the file."""
    answer = ask(connection, WHEEL_URI, Range=asked)

    assert (answer.status, answer.body) == (206, WHEEL[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(WHEEL)}"
    assert answer.headers["Content-Length"] == str(last - first + 1)


def test_range_after_the_end(connection: http.client.HTTPConnection) -> None:
    """The response has the size of the file."""
    answer = ask(connection, WHEEL_URI, Range=f"bytes={len(WHEEL)}-")

    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(WHEEL)}"


def test_resumed(connection: http.client.HTTPConnection) -> None:
    """A download is resumed by ETag or date, and starts again if the file has changed."""
    headers = ask(connection, WHEEL_URI, "HEAD").headers

    for validator in (headers["ETag"], headers["Last-Modified"]):
        assert ask(connection, WHEEL_URI, Range="bytes=9-", If_Range=validator).status == 206
    changed = ask(connection, WHEEL_URI, Range="bytes=9-", If_Range='"other"')
    assert (changed.status, changed.body) == (200, WHEEL)


def test_file_not_modified(connection: http.client.HTTPConnection) -> None:
    """A file is revalidated by ETag or date."""
    headers = ask(connection, WHEEL_URI, "HEAD").headers

    assert ask(connection, WHEEL_URI, If_None_Match=f"W/{headers['ETag']}").status == 304
    assert ask(connection, WHEEL_URI, If_Modified_Since=headers["Last-Modified"]).status == 304
    assert ask(connection, WHEEL_URI, "HEAD", If_None_Match=headers["ETag"]).status == 304


@pytest.mark.parametrize(
    ("uri", "body"),
    [
        ("/simple/foo/foo%201.whl", b"space"),
        ("/simple/foo/foo%252B1.whl", b"twice"),
    ],
)
def test_path_is_decoded_once_as_by_s3(
    connection: http.client.HTTPConnection, uri: str, body: bytes
) -> None:
    """An escaped space is decoded, and a double escape only once."""
    assert ask(connection, uri).body == body


def test_raw_plus(connection: http.client.HTTPConnection) -> None:
    """A client that does not escape a plus sign gets the same file."""
    assert ask(connection, WHEEL_URI.replace("%2B", "+")).body == WHEEL


@pytest.mark.parametrize("uri", ["/simple/nope/", "/nope.whl", "/" + "x" * 2000 + ".whl"])
@pytest.mark.parametrize("accept", ["*/*", JSON])
def test_missing(connection: http.client.HTTPConnection, uri: str, accept: str) -> None:
    """A missing file is a 404 with the deployment's page, never a 403."""
    answer = ask(connection, uri, Accept=accept)

    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.body.splitlines()[0] == (
        b"<!-- 404 Not Found. There is nothing at this address. Check the spelling of the name. -->"
    )
    html5lib.HTMLParser(strict=True).parse(answer.body)


def test_redirect(connection: http.client.HTTPConnection) -> None:
    """Another spelling of a project is redirected to its page."""
    answer = ask(connection, "/simple/Foo")

    assert (answer.status, answer.headers["Location"]) == (301, "/simple/foo/")
