"""A loopback address for an emulated distribution, as most clients cannot set a Host header."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from scripts.local.ports import HOST

# Those that concern one connection alone, and those that the server sends by itself.
_NOT_PASSED_ON = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "date",
    "server",
}


@contextmanager
def forwarded(port: int, domain: str, may_list: Callable[[], bool]) -> Iterator[str]:
    """Forward requests to a distribution, as if they had arrived over HTTPS.

    For a key that does not exist, S3 answers 404 to those who may list the bucket and 403 to
    others; the emulator's CloudFront answers 403 to all. Here the bucket's policy decides.

    Args:
        port: the emulator's.
        domain: the distribution's own domain name.
        may_list: whether the distribution may list its bucket.

    Yields:
        The address of what forwards them.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name: value for name, value in self.headers.items() if name != "Host"}
            headers |= {"Host": domain, "X-Forwarded-Proto": "https", "Connection": "close"}
            with closing(http.client.HTTPConnection(HOST, port, timeout=60)) as connection:
                connection.request(self.command, self.path, headers=headers)
                answer = connection.getresponse()
                body = answer.read()
                missing = answer.status == HTTPStatus.FORBIDDEN and may_list()
                self.send_response(HTTPStatus.NOT_FOUND if missing else answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _NOT_PASSED_ON:
                        self.send_header(name, value)
                length = answer.getheader("Content-Length") or str(len(body))
                self.send_header(
                    "Content-Length", length if self.command == "HEAD" else str(len(body))
                )
                self.end_headers()
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - the base class looks for this name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
