"""The entry of the second Lambda@Edge function: what becomes of S3's answer for a page.

It runs at origin-response of the cache behaviours for pages, so its path is the one that the
viewer-request function has made: `/name/`, `/name/index.json` or `/name/index.html`. CloudFront
does not call it for its own errors, such as a timeout of S3.
"""

import logging
from collections.abc import Mapping
from typing import Any

from basic_auth.errors import UpstreamError
from basic_auth.upstream import Upstream

Response = dict[str, Any]

# AWS: "Restrictions on edge functions"; a response without them is a 502 to the viewer.
_READ_ONLY = ("transfer-encoding", "via")

_log = logging.getLogger(__name__)


def handler(event: Mapping[str, Any], _context: object = None) -> Response:
    """The Lambda function's handler.

    Args:
        event: CloudFront's, for an origin-response.
        _context: of the invocation; not used.

    Returns:
        A redirect (302) to the upstream's page for S3's 404 of a project's page; S3's answer as it
        is for everything else, and whenever something goes wrong: an answer that is not understood
        sends nobody elsewhere.
    """
    parts = event["Records"][0]["cf"]
    response: Response = parts["response"]
    try:
        location = _location(parts["request"], response)
    except UpstreamError as error:
        _log.error("%s", error)
        return response
    except Exception as error:  # noqa: BLE001 - see above
        _log.error("Unforeseen %s", type(error).__name__)
        return response
    return _redirect(response, location) if location else response


def _location(request: Mapping[str, Any], response: Response) -> str | None:
    if response["status"] != "404" or request["method"] not in {"GET", "HEAD"}:
        return None
    upstream = Upstream.read(request["origin"]["s3"]["customHeaders"])
    return upstream.address(request["uri"])


def _redirect(response: Response, location: str) -> Response:
    """Answer 302, which nobody keeps: the project may be uploaded here any moment."""
    kept = {name: response["headers"][name] for name in _READ_ONLY if name in response["headers"]}
    added = {"Location": location, "Cache-Control": "no-store"}
    return {
        "status": "302",
        "statusDescription": "Found",
        "headers": kept
        | {name.lower(): [{"key": name, "value": value}] for name, value in added.items()},
        "body": "",
    }
