import contextlib
import http.client
import socket
from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from basic_auth.negotiation import JSON
from basic_auth.upstream import Upstream
from scripts.local.edge.origin import AbsentError, BusyError, Content, Origin, OriginError
from scripts.local.edge.origin_function import OriginFunction
from scripts.local.edge.run import running_edge
from scripts.local.edge.server import Edge
from scripts.local.errors import EmulatorError
from scripts.local.ports import HOST

HEADERS = {"etag": '"e"', "last-modified": "Sun, 22 Nov 2026 10:00:00 GMT"}


class FakeOrigin:
    """A bucket with one object, `file.whl`, and some that fail."""

    content = b"0123456789"

    def head(self, key: str) -> Mapping[str, str]:
        """Return the headers, or fail."""
        failures = {
            "broken.whl": OriginError("no route"),
            "busy.whl": BusyError("slow down", 503),
            "silent/": OriginError("no answer in time"),
            "forbidden/": OriginError("access denied", 403),
            "failing/": OriginError("internal error", 500),
            "busy/": BusyError("slow down", 503),
        }
        if key in failures:
            raise failures[key]
        if key not in {"file.whl", "short.whl"}:
            raise AbsentError(key)
        return {**HEADERS, "content-length": str(len(self.content))}

    @contextlib.contextmanager
    def get(self, key: str, part: object = None) -> Iterator[Content]:
        """Return the object; `short.whl` ends too early."""
        assert part is None
        yield Content(self.head(key), self.chunks(key))

    def chunks(self, key: str) -> Iterator[bytes]:
        """Yield the content in two chunks."""
        yield self.content[:5]
        if key == "short.whl":
            raise OriginError("the connection was lost")
        yield self.content[5:]


@pytest.fixture
def edge() -> Iterator[Edge]:
    """Serve a fake bucket."""
    with running_edge(cast("Origin", FakeOrigin()), record=True) as edge:
        yield edge


@pytest.fixture
def connection(edge: Edge) -> Iterator[http.client.HTTPConnection]:
    """Provide a connection that can be kept alive."""
    with contextlib.closing(
        http.client.HTTPConnection(HOST, edge.server_port, timeout=10)
    ) as connection:
        yield connection


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("path", "status"),
    [("/broken.whl", 502), ("/busy.whl", 503), ("/absent.whl", 404), ("/%00", 404)],
)
def test_failure(
    connection: http.client.HTTPConnection, method: str, path: str, status: int
) -> None:
    """A failure of the bucket is not a 404, and the connection stays open."""
    for _ in range(2):
        connection.request(method, path)
        with connection.getresponse() as answer:
            body = answer.read()
        assert answer.status == status
        assert not answer.will_close
        first = (b"<!-- %d " % status, b"There is nothing at this address")
        assert body.startswith(first) == (method == "GET")


def test_body_cut_short(connection: http.client.HTTPConnection) -> None:
    """A client notices an incomplete body."""
    connection.request("GET", "/short.whl")
    with connection.getresponse() as answer, pytest.raises(http.client.IncompleteRead):
        answer.read()


def test_keep_alive(edge: Edge, connection: http.client.HTTPConnection) -> None:
    """Many requests use one connection, and each is recorded."""
    for method, path, headers in [
        ("GET", "/file.whl", {}),
        ("HEAD", "/file.whl", {}),
        ("GET", "/file.whl", {"If-None-Match": '"e"'}),
        ("GET", "/file.whl", {"Range": "bytes=99-"}),
        ("GET", "/Foo", {}),
        ("GET", "/file.whl?x=1", {"Accept": "*/*"}),
    ]:
        connection.request(method, path, headers=headers)
        with connection.getresponse() as answer:
            answer.read()
            assert not answer.will_close

    recorded = edge.requests or []
    assert [(request.method, request.status, request.sent) for request in recorded] == [
        ("GET", 200, 10),
        ("HEAD", 200, 0),
        ("GET", 304, 0),
        ("GET", 416, 28),
        ("GET", 301, 10),
        ("GET", 200, 10),
    ]
    assert recorded[-1].path == "/file.whl?x=1"
    assert recorded[-1].headers["accept"] == "*/*"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_other_methods(connection: http.client.HTTPConnection, method: str) -> None:
    """Other methods are refused, and their bodies are discarded."""
    connection.request(method, "/file.whl", body=b"GET /file.whl HTTP/1.1\r\n\r\n")
    with connection.getresponse() as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET, HEAD"
        assert answer.will_close


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/a/../", 404), ("POST", "/", 405)])
def test_a_browser_gets_a_page(
    connection: http.client.HTTPConnection, method: str, path: str, status: int
) -> None:
    """As the deployed functions do, the edge answers others with one line."""
    for accept, kind in (("application/xhtml+xml", b"<!DOCTYPE html>\n"), ("*/*", b"Th")):
        connection.request(method, path, headers={"Accept": accept})
        with connection.getresponse() as answer:
            assert answer.status == status
            body = answer.read()
        assert body.startswith(kind)
        assert (body.count(b"\n") == 1) == (accept == "*/*")


def test_body_of_a_get_is_not_a_request(connection: http.client.HTTPConnection) -> None:
    """After a GET with a body the connection is closed."""
    connection.request("GET", "/file.whl", body=b"GET /file.whl HTTP/1.1\r\n\r\n")
    with connection.getresponse() as answer:
        assert answer.status == 200
        assert answer.will_close


@pytest.mark.parametrize(
    ("target", "status", "location"),
    [
        ("//evil.example/", 301, "/evil-example/"),
        ("//evil.example", 301, "/evil-example/"),
        ("/Foo_Bar?format=text/html", 301, "/foo-bar/?format=text/html"),
        ("http://evil.example/", 404, None),
        ("/a/../file.whl", 404, None),
    ],
)
def test_target_is_judged_as_it_came(
    edge: Edge, target: str, status: int, location: str | None
) -> None:
    """The path is not normalised before it is checked."""
    with socket.create_connection((HOST, edge.server_port), timeout=10) as client:
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        with http.client.HTTPResponse(client) as answer:
            answer.begin()
            assert answer.status == status
            assert answer.headers["Location"] == location


def test_clients_that_leave(edge: Edge, capsys: pytest.CaptureFixture[str]) -> None:
    """A reset connection is not logged, and the next client is served."""
    for _ in range(3):
        client = socket.create_connection((HOST, edge.server_port))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.sendall(b"GET /file.whl HTTP/1.1\r\n")
        client.close()
    connection = http.client.HTTPConnection(HOST, edge.server_port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/file.whl")
        with connection.getresponse() as answer:
            assert answer.read() == FakeOrigin.content

    assert capsys.readouterr().err == ""


def test_ends_with_clients_connected() -> None:
    """The server stops without waiting for idle clients."""
    with contextlib.ExitStack() as clients, running_edge(cast("Origin", FakeOrigin())) as edge:
        for _ in range(3):
            client = http.client.HTTPConnection(HOST, edge.server_port, timeout=10)
            clients.callback(client.close)
            client.request("GET", "/file.whl")
            with client.getresponse() as answer:
                answer.read()


def test_port_taken(edge: Edge) -> None:
    """The message names the option for another port."""
    second = running_edge(cast("Origin", FakeOrigin()), edge.server_port)
    with pytest.raises(EmulatorError, match="--edge-port"), second:
        pass


@pytest.fixture
def redirecting() -> Iterator[http.client.HTTPConnection]:
    """Provide a connection to a server with an upstream."""
    upstream = Upstream("https://packages.example/simple/", ("acme-*",), frozenset({"team"}))
    with (
        running_edge(
            cast("Origin", FakeOrigin()), origin_function=OriginFunction(upstream)
        ) as edge,
        contextlib.closing(
            http.client.HTTPConnection(HOST, edge.server_port, timeout=10)
        ) as connection,
    ):
        yield connection


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("accept", ["text/html", JSON])
@pytest.mark.parametrize("path", ["/requests/", "/team/requests/", "/requests/?format=text/html"])
def test_missing_project_is_the_upstreams(
    redirecting: http.client.HTTPConnection, path: str, accept: str, method: str
) -> None:
    """The origin-response function handles both forms of a missing page."""
    redirecting.request(method, path, headers={"Accept": accept})

    with redirecting.getresponse() as answer:
        assert answer.status == 302
        assert answer.headers["Location"] == "https://packages.example/simple/requests/"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/html", JSON])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/acme-app/", 404),
        ("/team/acme-app/", 404),
        ("/", 404),
        ("/team/", 404),
        ("/elsewhere/requests/", 404),
        ("/requests/index.json", 404),
        ("/requests/requests-2.0.tar.gz", 404),
        ("/requests/requests-2.0-py3-none-any.whl.metadata", 404),
        ("/file.whl", 200),
    ],
)
def test_nothing_else_is(
    redirecting: http.client.HTTPConnection, path: str, status: int, accept: str
) -> None:
    """Private names, root pages and files are not redirected."""
    redirecting.request("GET", path, headers={"Accept": accept})

    with redirecting.getresponse() as answer:
        assert answer.status == status


@pytest.mark.parametrize(
    ("path", "status"),
    [("/silent/", 502), ("/forbidden/", 502), ("/failing/", 502), ("/busy/", 503)],
)
def test_failures_stay(redirecting: http.client.HTTPConnection, path: str, status: int) -> None:
    """A failure of the bucket is not redirected."""
    redirecting.request("GET", path)

    with redirecting.getresponse() as answer:
        assert answer.status == status
        assert "Location" not in answer.headers
