"""The proxy, with a small server that records requests."""

import contextlib
import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scripts.local.ports import HOST
from scripts.local.proxy.aws_calls import Call
from scripts.local.proxy.fates import Fate, How
from scripts.local.proxy.server import Proxy, running_proxy


class Upstream(ThreadingHTTPServer):
    """A server that echoes and records requests."""

    daemon_threads = True

    def __init__(self) -> None:
        self.seen: list[tuple[str, bytes]] = []
        super().__init__((HOST, 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, body))
        self.send_response(200)
        if self.path.endswith("chunked"):
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = _answer  # noqa: N815 - the base class names them so

    def log_message(self, *_: object) -> None:
        """Do not log."""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Run the server."""
    with Upstream() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(upstream: Upstream) -> Iterator[Proxy]:
    """Run a proxy for it."""
    with running_proxy(upstream.server_port) as proxy:
        yield proxy


@pytest.fixture
def connection(proxy: Proxy) -> Iterator[http.client.HTTPConnection]:
    """Provide a connection to the proxy, which can be kept alive."""
    with contextlib.closing(http.client.HTTPConnection(HOST, proxy.port, timeout=10)) as connection:
        yield connection


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[int, bytes]:
    """Send a request, and return the status and the body."""
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_requests_pass_and_are_counted(
    connection: http.client.HTTPConnection, proxy: Proxy
) -> None:
    """Several requests with all kinds of bodies share a connection."""
    large = bytes(300_000)
    assert ask(connection, "PUT", "/bucket/a", large) == (200, large)
    assert ask(connection, "HEAD", "/bucket/a") == (200, b"")
    assert ask(connection, "GET", "/bucket/chunked") == (200, b"abcde")
    assert proxy.tally.calls == {
        ("s3", "PutObject"): 1,
        ("s3", "HeadObject"): 1,
        ("s3", "GetObject"): 1,
    }
    assert proxy.tally.sent == len(large)


def test_a_refused_call_has_no_effect(
    connection: http.client.HTTPConnection, proxy: Proxy, upstream: Upstream
) -> None:
    """Its body is read, so that the connection can be used again."""
    proxy.decide = lambda _: Fate(how=How.REFUSE)
    assert ask(connection, "PUT", "/bucket/a", b"body")[0] == 503
    assert upstream.seen == []
    proxy.decide = lambda _: Fate()
    assert ask(connection, "PUT", "/bucket/a", b"body") == (200, b"body")


def test_a_call_is_refused_with_the_error_asked_for(
    connection: http.client.HTTPConnection, proxy: Proxy
) -> None:
    """It has the given error code."""
    proxy.decide = lambda _: Fate(how=How.REFUSE, code="AccessDenied")
    status, body = ask(connection, "GET", "/bucket/a")
    assert (status, body) == (403, b"<Error><Code>AccessDenied</Code></Error>")


def test_a_lost_answer_is_an_error_after_the_effect(
    connection: http.client.HTTPConnection, proxy: Proxy, upstream: Upstream
) -> None:
    """The call takes effect, but the client gets no response."""
    proxy.decide = lambda _: Fate(how=How.LOSE)
    status, body = ask(connection, "PUT", "/bucket/a", b"body")
    assert status == 500
    assert b"InternalError" in body
    assert upstream.seen == [("PUT", b"body")]


def test_a_cut_connection_ends_after_the_effect(
    connection: http.client.HTTPConnection, proxy: Proxy, upstream: Upstream
) -> None:
    """The client gets no response."""
    proxy.decide = lambda _: Fate(how=How.CUT)
    with pytest.raises(http.client.RemoteDisconnected):
        ask(connection, "PUT", "/bucket/a", b"body")
    assert upstream.seen == [("PUT", b"body")]


def test_a_fate_is_decided_for_each_call(
    connection: http.client.HTTPConnection, proxy: Proxy
) -> None:
    """The decision depends on the call."""

    def decide(call: Call) -> Fate:
        return Fate(how=How.REFUSE if call.operation == "GetObject" else How.PASS)

    proxy.decide = decide
    assert ask(connection, "GET", "/bucket/a")[0] == 503
    assert ask(connection, "PUT", "/bucket/a", b"x")[0] == 200
    assert proxy.tally.fates == {How.REFUSE: 1, How.PASS: 1}
