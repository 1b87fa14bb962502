"""A small edge server: serves the bucket over HTTP on loopback, as CloudFront would.

Its functions are the real ones: at viewer-request `basic_auth.negotiation` alone, or with users the
whole of `basic_auth`; at origin-response, with an upstream, `basic_auth.origin_response`. The
origin is S3; the response headers are those of the deployment's policies. It caches nothing, so
that what it answers is what the bucket holds at that moment.
"""

import contextlib
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote_plus

from basic_auth.negotiation import NotFound, Redirect, Serve, negotiate
from scripts.local.edge.conditional import (
    NotModified,
    Part,
    Selection,
    Unsatisfiable,
    Whole,
    is_conditional,
    select,
)
from scripts.local.edge.connections import ConnectionServer
from scripts.local.edge.object_headers import object_headers
from scripts.local.edge.origin import AbsentError, BusyError, Origin, OriginError
from scripts.local.edge.origin_function import OriginFunction
from scripts.local.edge.viewer_function import ViewerFunction
from scripts.local.emulator import HOST, usable_port

_LENGTHS = ("Content-Length", "Content-Range")


@dataclass(slots=True)
class Request:
    """A request that was answered, for tests.

    Attributes:
        method: GET, HEAD, or what was refused.
        path: Path and query, as they came.
        headers: The request's headers, by their names in lower case.
        status: The answer's status.
        sent: How many bytes of the answer's body have been sent.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    status: int
    sent: int = 0


class Edge(ConnectionServer):
    """The server; made by `running_edge`.

    Attributes:
        origin: The bucket it serves.
        viewer_function: Checks users; None when everybody may read.
        origin_function: Redirects to an upstream; None when there is none.
        requests: What it has answered, oldest first; None when that is not recorded.
    """

    def __init__(
        self,
        origin: Origin,
        port: int,
        viewer_function: ViewerFunction | None,
        origin_function: OriginFunction | None,
        *,
        record: bool,
    ) -> None:
        self.origin = origin
        self.viewer_function = viewer_function
        self.origin_function = origin_function
        self.requests: list[Request] | None = [] if record else None
        super().__init__((HOST, port), _Handler)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{HOST}:{self.server_port}"


@contextlib.contextmanager
def running_edge(
    origin: Origin,
    port: int = 0,
    viewer_function: ViewerFunction | None = None,
    origin_function: OriginFunction | None = None,
    *,
    record: bool = False,
) -> Iterator[Edge]:
    """Serve a bucket for as long as the context lasts.

    Args:
        origin: The bucket.
        port: Where to listen on loopback; 0 for any free port.
        viewer_function: Checks users; None to let everybody read.
        origin_function: Redirects to an upstream; None for none.
        record: Whether to keep the requests in memory.

    Yields:
        The server.

    Raises:
        EmulatorError: The port is taken.
    """
    usable = usable_port(port, "--edge-port")
    with Edge(origin, usable, viewer_function, origin_function, record=record) as edge:
        thread = threading.Thread(target=edge.serve_forever, args=(0.05,), name="edge")
        thread.start()
        try:
            yield edge
        finally:
            edge.shutdown()
            thread.join()
            edge.hang_up()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True
    server: Edge
    asked: Request

    def parse_request(self) -> bool:
        """Read the request's head; what would change something is answered here already."""
        if not super().parse_request():
            return False
        # Not self.path: the base class has taken slashes from it that are ours to judge.
        target = self.requestline.split()[1]
        headers = {name.lower(): value for name, value in self.headers.items()}
        headers["accept"] = ", ".join(self.headers.get_all("Accept", []))
        self.asked = Request(self.command, target, headers, status=0)
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            self.close_connection = True  # a body that nobody reads is not the next request
        if self.command in {"GET", "HEAD"}:
            return True
        self.close_connection = True
        text = "Packages are only read here; upload them with s3pypi or any S3 client."
        self._say(HTTPStatus.METHOD_NOT_ALLOWED, text, {"Allow": "GET, HEAD"})
        return False

    def do_GET(self) -> None:
        """Answer with the object, or a part of it, or a redirect, or an error."""
        if self.server.viewer_function:
            self._ask(self.server.viewer_function)
            return
        uri, _, query = self.asked.path.partition("?")
        match negotiate(uri, query, self.asked.headers["accept"]):
            case NotFound():
                self._say(
                    HTTPStatus.NOT_FOUND,
                    "There is nothing at this address. Check the spelling of the name.",
                )
            case Redirect(location, status):
                self._say(HTTPStatus(status), f"See {location}", {"Location": location})
            case Serve(uri):
                self._serve(uri)

    def do_HEAD(self) -> None:
        """Answer as to GET, without the body."""
        self.do_GET()

    def version_string(self) -> str:
        """Name the server."""
        return "s3pypi-edge"

    def log_message(self, *_: object) -> None:
        """Say nothing: tests ask for the requests, people for the pages."""

    def _ask(self, function: ViewerFunction) -> None:
        answer = function(self.command, self.asked.path, self.headers)
        if "status" in answer:
            self._pass_on(answer)
        else:
            self._serve(answer["uri"])

    def _pass_on(self, answer: Mapping[str, Any]) -> None:
        """Send a function's own response."""
        every = (each for values in answer["headers"].values() for each in values)
        headers = {each["key"]: each["value"] for each in every}
        text = answer.get("body", "").removesuffix("\n")
        self._say(HTTPStatus(int(answer["status"])), text, headers)

    def _serve(self, uri: str) -> None:
        # As S3 does it: once, and a raw plus sign is a space.
        key = unquote_plus(uri[1:])
        try:
            self._send_object(key)
        except AbsentError:
            if not self._redirected(uri, HTTPStatus.NOT_FOUND):
                self._say(HTTPStatus.NOT_FOUND, "There is no such file or project.")
        except OriginError as error:
            if self.asked.status:
                self.close_connection = True  # the only way left to say that the body is not whole
            elif self._redirected(uri, error.status):
                pass
            elif isinstance(error, BusyError):
                self._say(HTTPStatus.SERVICE_UNAVAILABLE, f"Try again: {error}")
            else:
                self._say(HTTPStatus.BAD_GATEWAY, f"The bucket cannot be read: {error}")

    def _redirected(self, uri: str, status: int | None) -> bool:
        """Have the function at origin-response look at S3's answer; whether it has sent another.

        As in the deployment only pages have this function, chosen by the path as it came, and
        nothing is asked when S3 did not answer.
        """
        function = self.server.origin_function
        if not function or status is None or not self.asked.path.partition("?")[0].endswith("/"):
            return False
        answer = function(self.command, uri, status)
        if answer["status"] == str(status):
            return False
        self._pass_on(answer)
        return True

    def _send_object(self, key: str) -> None:
        found: Mapping[str, str] = {}
        selection: Selection = Whole()
        if self.command == "HEAD" or is_conditional(self.asked.headers):
            found = self.server.origin.head(key)
            selection = select(self.asked.headers, found)
        if isinstance(selection, NotModified):
            self._begin(HTTPStatus.NOT_MODIFIED, self._headers(key, found))
        elif self.command == "HEAD":
            self._begin(HTTPStatus.OK, self._headers(key, found, *_LENGTHS))
        elif isinstance(selection, Unsatisfiable):
            text = f"The file has only {selection.size} bytes."
            headers = {"Content-Range": f"bytes */{selection.size}"}
            self._say(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, text, headers)
        elif isinstance(selection, Part):
            self._send_body(key, (selection.first, selection.last, found["etag"]))
        else:
            self._send_body(key)

    def _send_body(self, key: str, part: tuple[int, int, str] | None = None) -> None:
        status = HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.OK
        with self.server.origin.get(key, part) as content:
            self._begin(status, self._headers(key, content.headers, *_LENGTHS))
            self._send(content.chunks)

    def _headers(self, key: str, found: Mapping[str, str], *more: str) -> dict[str, str]:
        return object_headers(self.asked.path.partition("?")[0], key, found, *more)

    def _say(self, status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> None:
        body = f"{text}\n".encode()
        kind = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
        self._begin(status, kind | dict(headers or {}))
        if self.command != "HEAD":
            self._send([body])

    def _begin(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        """Send status and headers, and record the request."""
        self.asked.status = status
        if self.server.requests is not None:
            self.server.requests.append(self.asked)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _send(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self.asked.sent += len(chunk)
            self.wfile.write(chunk)
