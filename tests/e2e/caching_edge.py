"""A cache before the local edge, which keeps answers as CloudFront does.

The local edge asks the bucket each time. CloudFront's cache is between the viewer-request function
and the bucket, and the path as the function has rewritten it is the whole key. An error is kept for
the "error caching minimum TTL" of its status:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
"""

import http.client
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

from basic_auth.negotiation import Serve, negotiate
from scripts.local.edge.error_pages import error_texts
from scripts.local.ports import HOST

CLOUDFRONTS_DEFAULT: Final = 10
"""Seconds that CloudFront keeps an error for which the distribution says nothing."""

_MAX_AGE: Final = re.compile(r"max-age=(\d+)")
_OF_ONE_CONNECTION: Final = {"connection", "keep-alive", "transfer-encoding", "date", "server"}


def deployed_errors() -> dict[int, int]:
    """The seconds that the deployment's distribution keeps errors, by status."""
    return {status: each["seconds"] for status, each in error_texts().items()}


@dataclass(frozen=True)
class Answer:
    """A response of the edge."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def fresh_for(self, errors: Mapping[int, int]) -> int:
        """Seconds that CloudFront keeps it."""
        if self.status >= 400:
            return errors.get(self.status, CLOUDFRONTS_DEFAULT)
        age = _MAX_AGE.search(self.headers.get("Cache-Control", ""))
        return int(age[1]) if age and self.status == 200 else 0


@contextmanager
def caching_edge(origin: str, errors: Mapping[int, int]) -> Iterator[str]:
    """Cache the responses of an edge while the context is active.

    Args:
        origin: the edge's address.
        errors: seconds that an error is kept, by status.

    Yields:
        The address of the cache, without a slash at its end.
    """
    kept: dict[str, tuple[float, Answer]] = {}
    address = urlsplit(origin)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            uri, _, query = self.path.partition("?")
            asked = negotiate(uri, query, self.headers.get("Accept", ""))
            until, answer = (
                kept.get(asked.uri, (0.0, None)) if isinstance(asked, Serve) else (0, None)
            )
            if answer is None or until <= time.monotonic():
                answer = self.fetch()
                if isinstance(asked, Serve):
                    until = time.monotonic() + answer.fresh_for(errors)
                    kept[asked.uri] = (until, answer)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in _OF_ONE_CONNECTION:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def fetch(self) -> Answer:
            headers = {"Accept": self.headers.get("Accept", ""), "Connection": "close"}
            connection = http.client.HTTPConnection(
                address.hostname or "", address.port, timeout=60
            )
            with closing(connection):
                connection.request("GET", self.path, headers=headers)
                answer = connection.getresponse()
                return Answer(answer.status, dict(answer.getheaders()), answer.read())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
