"""The function at origin-response, as CloudFront runs it: the very handler, with its headers."""

from typing import Any

from basic_auth.origin_response import handler
from basic_auth.upstream import Upstream


class OriginFunction:
    """Asks the origin-response function of `basic_auth` about each failure of S3 for a page."""

    def __init__(self, upstream: Upstream) -> None:
        """Start a container.

        Args:
            upstream: The settings, which reach the function as custom headers of the origin.
        """
        self._headers = upstream.headers()

    def __call__(self, method: str, uri: str, status: int) -> dict[str, Any]:
        """Ask what S3's answer becomes.

        Args:
            method: The request's method.
            uri: The path that was asked of S3.
            status: What S3 answered.

        Returns:
            The response to send, as Lambda@Edge has it.
        """
        request = {
            "method": method,
            "uri": uri,
            "querystring": "",
            "headers": {},
            "origin": {"s3": {"customHeaders": self._headers}},
        }
        response = {"status": str(status), "statusDescription": "", "headers": {}}
        return handler({"Records": [{"cf": {"request": request, "response": response}}]})
