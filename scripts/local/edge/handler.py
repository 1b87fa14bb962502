"""Handle the requests to the edge server."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote_plus

from basic_auth.error_pages import as_page, is_browser
from basic_auth.negotiation import NotFound, Redirect, Serve, negotiate
from basic_auth.responses import Response, not_allowed, not_found
from scripts.local.edge.conditional import (
    NotModified,
    Part,
    Selection,
    Unsatisfiable,
    Whole,
    is_conditional,
    select,
)
from scripts.local.edge.error_pages import error_page
from scripts.local.edge.object_headers import object_headers, policy_headers
from scripts.local.edge.origin import AbsentError, BusyError, OriginError
from scripts.local.edge.server import Edge, Request
from scripts.local.edge.viewer_function import ViewerFunction

_LENGTHS = ("Content-Length", "Content-Range")


class EdgeHandler(BaseHTTPRequestHandler):
    """Handles one connection."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True
    server: Edge
    asked: Request

    def parse_request(self) -> bool:
        """Parse the request's head; answer all methods but GET and HEAD as the functions do."""
        if not super().parse_request():
            return False
        # Not self.path, from which the base class removes leading slashes.
        target = self.requestline.split()[1]
        headers = {name.lower(): value for name, value in self.headers.items()}
        headers["accept"] = ", ".join(self.headers.get_all("Accept", []))
        self.asked = Request(self.command, target, headers, status=0)
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            self.close_connection = True  # the body is not read
        if self.command in {"GET", "HEAD"}:
            return True
        self.close_connection = True
        function = self.server.viewer_function
        self._pass_on(
            function(self.command, target, self.headers)
            if function
            else self._for_reader(not_allowed(self.command))
        )
        return False

    def do_GET(self) -> None:
        """Send the object, a range of it, a redirect, or an error."""
        if self.server.viewer_function:
            self._ask(self.server.viewer_function)
            return
        uri, _, query = self.asked.path.partition("?")
        match negotiate(uri, query, self.asked.headers["accept"]):
            case NotFound():
                self._pass_on(self._for_reader(not_found(self.command)))
            case Redirect(location, status):
                self._say(HTTPStatus(status), f"See {location}", {"Location": location})
            case Serve(uri):
                self._serve(uri)

    def do_HEAD(self) -> None:
        """Handle a HEAD request as a GET request without a body."""
        self.do_GET()

    def version_string(self) -> str:
        """Return the Server header."""
        return "s3pypi-edge"

    def log_message(self, *_: object) -> None:
        """Do not log requests; `Edge.requests` records them."""

    def _ask(self, function: ViewerFunction) -> None:
        answer = function(self.command, self.asked.path, self.headers)
        if "status" in answer:
            self._pass_on(answer)
        else:
            self._serve(answer["uri"])

    def _for_reader(self, answer: Response) -> Response:
        """Return the page of an error if the client is a browser."""
        return as_page(answer) if is_browser(self.asked.headers["accept"]) else answer

    def _pass_on(self, answer: Mapping[str, Any]) -> None:
        """Send a response that a function has generated."""
        every = (each for values in answer["headers"].values() for each in values)
        headers = {each["key"]: each["value"] for each in every}
        text = answer.get("body", "").removesuffix("\n")
        self._say(HTTPStatus(int(answer["status"])), text, headers)

    def _serve(self, uri: str) -> None:
        # As in S3, a raw plus sign is a space.
        key = unquote_plus(uri[1:])
        try:
            self._send_object(key)
        except AbsentError:
            if not self._redirected(uri, HTTPStatus.NOT_FOUND):
                self._fail(HTTPStatus.NOT_FOUND)
        except OriginError as error:
            if self.asked.status:
                self.close_connection = True  # the only way to signal an incomplete body
            elif self._redirected(uri, error.status):
                pass
            elif isinstance(error, BusyError):
                self._fail(HTTPStatus.SERVICE_UNAVAILABLE, f"Try again: {error}")
            else:
                self._fail(HTTPStatus.BAD_GATEWAY, f"The bucket cannot be read: {error}")

    def _redirected(self, uri: str, status: int | None) -> bool:
        """Call the origin-response function; return whether it has replaced S3's response.

        As in a deployment, the function is only called for pages, by the path that the client sent,
        and only if S3 has responded.
        """
        function = self.server.origin_function
        if not function or status is None or not self._path.endswith("/"):
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
        return object_headers(self._path, key, found, *more)

    @property
    def _path(self) -> str:
        return self.asked.path.partition("?")[0]

    def _fail(self, status: HTTPStatus, text: str = "") -> None:
        """Send an error page. CloudFront sends the same page to browsers and installers."""
        headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        self._say(status, error_page(status, text), {**headers, **policy_headers(self._path)})

    def _say(
        self, status: HTTPStatus, text: str | bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        body = text if isinstance(text, bytes) else f"{text}\n".encode()
        kind = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
        self._begin(status, kind | dict(headers or {}))
        if self.command != "HEAD":
            self._send([body])

    def _begin(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        """Send the status and the headers, and record the request."""
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
