"""Run a small edge server that serves the bucket over HTTP on loopback, as CloudFront does.

It uses the real functions: for viewer requests, `basic_auth.negotiation` or, with users, all of
`basic_auth`; for origin responses, with an upstream, `basic_auth.origin_response`. The response
headers are those of the deployment's policies. It does not cache, so that responses show the
current content of the bucket.
"""

import contextlib
from collections.abc import Iterator

from scripts.local.edge.handler import EdgeHandler
from scripts.local.edge.origin import Origin
from scripts.local.edge.origin_function import OriginFunction
from scripts.local.edge.server import Edge
from scripts.local.edge.viewer_function import ViewerFunction
from scripts.local.ports import usable_port


@contextlib.contextmanager
def running_edge(
    origin: Origin,
    port: int = 0,
    viewer_function: ViewerFunction | None = None,
    origin_function: OriginFunction | None = None,
    *,
    record: bool = False,
) -> Iterator[Edge]:
    """Serve a bucket while the context is active.

    Args:
        origin: The bucket.
        port: The port on loopback; 0 for any free port.
        viewer_function: Checks users; None for public access.
        origin_function: Redirects to an upstream; None for no redirects.
        record: Whether to record requests in memory.

    Yields:
        The server.

    Raises:
        EmulatorError: The port is taken.
    """
    usable = usable_port(port, "--edge-port")
    with (
        Edge(origin, usable, viewer_function, origin_function, EdgeHandler, record=record) as edge,
        edge.serving("edge"),
    ):
        yield edge
