"""Fetch key sets over real TLS, from servers that misbehave."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest

from basic_auth.errors import KeySetError
from basic_auth.key_fetch import MAX_BYTES, fetch
from tests.tls import TlsServer, running_tls_server, say


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    """Provide an issuer's server."""
    with running_tls_server(tmp_path_factory.mktemp("tls"), say(b"{}")) as server:
        yield server


def get(server: TlsServer) -> bytes:
    """Read the key set, trusting the server."""
    return fetch(f"{server.url}/.well-known/jwks.json", context=server.trusted())


def test_reads_a_document(server: TlsServer) -> None:
    """The configured path is requested, and a document up to the limit is read."""
    document = b" " * MAX_BYTES
    server.answer = say(document)

    assert get(server) == document
    assert server.paths[-1] == "/.well-known/jwks.json"


def test_refuses_a_server_that_is_not_trusted(server: TlsServer) -> None:
    """Without a trusted certificate, nothing is read."""
    server.answer = say(b"{}")
    with pytest.raises(KeySetError, match="SSLCertVerificationError"):
        fetch(f"{server.url}/")
    with pytest.raises(KeySetError, match="SSLCertVerificationError"):  # another name
        fetch(server.url.replace("localhost", "127.0.0.1") + "/", context=server.trusted())


@pytest.mark.parametrize("status", [301, 302, 304, 307, 308, 403, 404, 429, 500, 503])
def test_refuses_other_answers(server: TlsServer, status: int) -> None:
    """Only a 200 is accepted; redirects are not followed."""
    server.answer = say(b"", status, Location=f"{server.url}/elsewhere")
    asked = len(server.paths)

    with pytest.raises(KeySetError, match=f"the issuer responded with status {status}"):
        get(server)
    assert len(server.paths) == asked + 1


def test_refuses_what_is_too_long(server: TlsServer) -> None:
    """One byte more than the limit is refused."""
    server.answer = say(b" " * (MAX_BYTES + 1))

    with pytest.raises(KeySetError, match="larger than 65536 bytes"):
        get(server)


def test_gives_up_on_a_slow_server(server: TlsServer) -> None:
    """A server that sends single bytes cannot delay a request for long."""

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        with suppress(OSError):  # until the client has gone
            while True:
                request.wfile.write(b" ")
                time.sleep(0.1)

    server.answer = drip

    with pytest.raises(KeySetError, match="took longer than"):
        get(server)


def test_gives_up_on_a_silent_server(server: TlsServer) -> None:
    """A server that does not respond is given up after the timeout."""
    gone = threading.Event()

    def wait(_: BaseHTTPRequestHandler) -> None:
        gone.wait(60)

    server.answer = wait
    try:
        with pytest.raises(KeySetError, match="TimeoutError"):
            get(server)
    finally:
        gone.set()


def test_nobody_is_there() -> None:
    """An unreachable server is the same kind of error."""
    with pytest.raises(KeySetError, match="ConnectionRefusedError"):
        fetch("https://localhost:1/")
