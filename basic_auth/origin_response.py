"""The entry point of the origin-response function, which redirects missing projects to an upstream.

It runs for the cache behaviors of pages, so the paths are those that the viewer-request function
has made: `/name/`, `/name/index.json` or `/name/index.html`. CloudFront does not call it for its
own errors, such as a timeout of S3.
"""

import logging
from collections.abc import Mapping
from typing import Any

from basic_auth.errors import UpstreamError
from basic_auth.responses import Response
from basic_auth.upstream import Upstream

# Read-only headers (AWS: "Restrictions on edge functions"): without them, CloudFront responds 502.
_READ_ONLY = ("transfer-encoding", "via")
# With `cors_origins`, S3 adds these to its 404; a browser follows no redirect without them.
_CORS = ("access-control-allow-origin", "vary")

_log = logging.getLogger(__name__)


def handler(event: Mapping[str, Any], _context: object = None) -> Response:
    """Handle a response of S3.

    Args:
        event: CloudFront's origin-response event.
        _context: Lambda's context object; not used.

    Returns:
        A redirect (302) to the upstream's page if S3 answered 404 for the page of a project;
        otherwise, and after any error, S3's response unchanged.
    """
    parts = event["Records"][0]["cf"]
    response: Response = parts["response"]
    try:
        location = _location(parts["request"], response)
    except UpstreamError as error:
        _log.error("%s", error)
        return response
    except Exception as error:  # noqa: BLE001 - never redirect after an error
        _log.error("Unexpected %s", type(error).__name__)
        return response
    return _redirect(response, location) if location else response


def _location(request: Mapping[str, Any], response: Response) -> str | None:
    if response["status"] != "404" or request["method"] not in {"GET", "HEAD"}:
        return None
    upstream = Upstream.read(request["origin"]["s3"]["customHeaders"])
    return upstream.page_url(request["uri"])


def _redirect(response: Response, location: str) -> Response:
    """Return a 302 that is not cached, because the project may be uploaded here at any time."""
    headers = response["headers"]
    names = _READ_ONLY + (_CORS if _CORS[0] in headers else ())
    kept = {name: headers[name] for name in names if name in headers}
    added = {"Location": location, "Cache-Control": "no-store"}
    return {
        "status": "302",
        "statusDescription": "Found",
        "headers": kept
        | {name.lower(): [{"key": name, "value": value}] for name, value in added.items()},
        "body": "",
    }
