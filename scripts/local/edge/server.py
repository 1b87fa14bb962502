"""The edge server, and the record of its requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from scripts.local.edge.connections import ConnectionServer
from scripts.local.edge.origin import Origin
from scripts.local.edge.origin_function import OriginFunction
from scripts.local.edge.viewer_function import ViewerFunction
from scripts.local.ports import HOST


@dataclass(slots=True)
class Request:
    """The record of a request, for tests.

    Attributes:
        method: The method, which may not be allowed.
        path: Path and query, as received.
        headers: The request's headers, by name in lower case.
        status: The status of the response.
        sent: The number of bytes of the response's body that were sent.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    status: int
    sent: int = 0


class Edge(ConnectionServer):
    """The server; see `run.running_edge`.

    Attributes:
        origin: The bucket.
        viewer_function: Checks users; None for public access.
        origin_function: Redirects to an upstream; None for no redirects.
        requests: The recorded requests, oldest first; None if they are not recorded.
    """

    def __init__(
        self,
        origin: Origin,
        port: int,
        viewer_function: ViewerFunction | None,
        origin_function: OriginFunction | None,
        handler: type[BaseHTTPRequestHandler],
        *,
        record: bool,
    ) -> None:
        self.origin = origin
        self.viewer_function = viewer_function
        self.origin_function = origin_function
        self.requests: list[Request] | None = [] if record else None
        super().__init__((HOST, port), handler)

    @property
    def url(self) -> str:
        """The server's URL, without a trailing slash."""
        return f"http://{HOST}:{self.server_port}"
