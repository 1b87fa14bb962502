import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from packaging.utils import NormalizedName

from s3pypi.upstream.lookup import JSON, Project, Unknown, Upstream

FOO = NormalizedName("foo")
PAGE = {
    "meta": {"api-version": "1.1"},
    "name": "foo",
    "versions": ["1.0", "2.0"],
    "files": [
        {
            "filename": "b",
            "url": "b",
            "hashes": {"sha256": "B"},
            "upload-time": "2026-02-01T00:00:00Z",
        },
        {
            "filename": "a",
            "url": "a",
            "hashes": {"sha256": "a"},
            "upload-time": "2026-01-01T00:00:00Z",
        },
        {"filename": "c", "hashes": {}},
    ],
}


class Handler(BaseHTTPRequestHandler):
    """An upstream that gives its answers one after the other, the last one for ever."""

    answers: ClassVar[list[tuple[int, dict[str, str], bytes]]] = []
    requests: ClassVar[list[tuple[str, str | None, str | None]]] = []

    def do_GET(self) -> None:
        """Answer, or hang up when the status is 0."""
        self.requests.append((self.path, self.headers["Accept"], self.headers["Authorization"]))
        status, headers, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not status:
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def pauses() -> list[float]:
    """Give the pauses that were made."""
    return []


@pytest.fixture
def upstream(pauses: list[float]) -> Iterator[Upstream]:
    """Give an upstream on loopback."""
    Handler.requests.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Upstream(f"http://127.0.0.1:{server.server_port}/simple/", pauses.append)
        server.shutdown()
        thread.join()


def answer(*answers: tuple[int, dict[str, str], bytes]) -> None:
    """Have the upstream give these answers."""
    Handler.answers[:] = answers


def test_found(upstream: Upstream) -> None:
    """Versions, the first upload and the digests are those of the page; no credentials are sent."""
    answer((200, {}, json.dumps(PAGE).encode()))

    assert upstream.find(FOO) == Project(
        ("1.0", "2.0"), "2026-01-01T00:00:00Z", frozenset({"a", "b"})
    )
    assert Handler.requests == [("/simple/foo/", JSON, None)]


@pytest.mark.parametrize("status", [404, 410])
def test_absent(status: int, upstream: Upstream, pauses: list[float]) -> None:
    """Only these two mean that there is no such project."""
    answer((status, {}, b""))

    assert upstream.find(FOO) is None
    assert pauses == []


@pytest.mark.parametrize(
    ("status", "tries"),
    [(400, 1), (401, 1), (403, 1), (408, 3), (429, 3), (500, 3), (503, 3), (0, 3)],
)
def test_no_clear_answer(status: int, tries: int, upstream: Upstream) -> None:
    """A failure is unknown, never free; one that may pass is tried again."""
    answer((status, {}, b""))

    assert isinstance(upstream.find(FOO), Unknown)
    assert len(Handler.requests) == tries


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [("7", [7, 7]), ("9999", [60, 60]), ("soon", [2, 4]), ("-1", [2, 4]), ("²", [2, 4])],
)
def test_pauses(
    retry_after: str, expected: list[float], upstream: Upstream, pauses: list[float]
) -> None:
    """The upstream may ask for a pause, of a minute at most."""
    answer((429, {"Retry-After": retry_after.encode().decode("latin-1")}, b""))

    upstream.find(FOO)

    assert pauses == expected


def test_it_works_again(upstream: Upstream) -> None:
    """An answer after a failure counts."""
    answer((503, {}, b""), (404, {}, b""))

    assert upstream.find(FOO) is None


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b'{"files": 1}',
        b'{"files": [1]}',
        b'{"files": [], "versions": 1}',
        b"[" * 100_000,
    ],
    ids=range(9),
)
def test_odd_pages(body: bytes, upstream: Upstream) -> None:
    """A response that is not a page of the Simple API leaves the name unknown."""
    answer((200, {}, body))

    assert isinstance(upstream.find(FOO), Unknown)


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:9/runtime", "http://localhost/", "file:///etc/hosts", "ftp://x/"]
)
def test_redirects_elsewhere(target: str, upstream: Upstream) -> None:
    """An upstream cannot redirect the command to other hosts."""
    answer((302, {"Location": target}, b""))

    found = upstream.find(FOO)

    assert isinstance(found, Unknown)
    assert {path for path, *_ in Handler.requests} == {"/simple/foo/"}


def test_redirects_within_the_upstream(upstream: Upstream) -> None:
    """As to another form of the address."""
    moved = (301, {"Location": "/elsewhere/foo/"}, b"")
    answer(moved, (200, {}, json.dumps(PAGE).encode()))

    assert isinstance(upstream.find(FOO), Project)
    assert [path for path, *_ in Handler.requests] == ["/simple/foo/", "/elsewhere/foo/"]


@pytest.mark.parametrize(
    "answered",
    [
        {"Content-Length": "9999"},
        {"Transfer-Encoding": "chunked"},
        {"X": "y" * 70_000},
    ],
    ids=["cut", "no chunks", "endless header"],
)
def test_broken_answers(answered: dict[str, str], upstream: Upstream) -> None:
    """An invalid or truncated HTTP response counts as an outage."""
    answer((200, answered, b"{"))

    assert isinstance(upstream.find(FOO), Unknown)


def test_no_more_attempts_than_there_is_time(pauses: list[float], upstream: Upstream) -> None:
    """A pause that would take longer than a name may is not made."""
    answer((503, {"Retry-After": "50"}, b""))

    hurried = Upstream(upstream.url, pauses.append, seconds=30)

    assert hurried.find(FOO) == Unknown("the upstream responds with status 503", is_down=True)
    assert (pauses, len(Handler.requests)) == ([], 1)


def test_texts_are_short(upstream: Upstream) -> None:
    """The upstream's texts are shortened before they are logged."""
    page = {"files": [{"upload-time": "2" * 9999}], "versions": ["9" * 9999]}
    answer((200, {}, json.dumps(page).encode()))

    found = upstream.find(FOO)

    assert isinstance(found, Project)
    assert len(repr(found)) < 300
