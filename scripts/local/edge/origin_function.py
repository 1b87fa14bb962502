"""Run the real origin-response function as CloudFront does."""

from typing import Any

from basic_auth.origin_response import handler
from basic_auth.upstream import Upstream


class OriginFunction:
    """Passes failed responses of S3 for pages to the origin-response function of `basic_auth`."""

    def __init__(self, upstream: Upstream) -> None:
        """Create the function.

        Args:
            upstream: The settings, which are passed to the function as custom headers of the
                origin.
        """
        self._headers = upstream.headers()

    def __call__(self, method: str, uri: str, status: int) -> dict[str, Any]:
        """Return the response to send for a response of S3.

        Args:
            method: The request's method.
            uri: The path that was requested from S3.
            status: The status of S3's response.

        Returns:
            The response, as Lambda@Edge represents it.
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
