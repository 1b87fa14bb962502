"""The headers of an object's response: S3's own, and those of the deployment's policies; pure."""

from collections.abc import Mapping

from lambda_indexer.pages.rendering import CONTENT_SECURITY_POLICY

PAGE_CACHE_CONTROL = "public, max-age=0, must-revalidate"
FILE_CACHE_CONTROL = "public, max-age=31536000, immutable"

_PASSED_ON = ("Content-Type", "Content-Encoding", "Content-Disposition", "ETag", "Last-Modified")


def object_headers(key: str, found: Mapping[str, str], *more: str) -> dict[str, str]:
    """Choose the headers of an object's response.

    Args:
        key: The object's key.
        found: S3's headers, by their names in lower case.
        more: Names of further headers to keep, such as `Content-Length`.

    Returns:
        The headers, by their usual names.
    """
    page = key.endswith("/") or key.rpartition("/")[2] in {"index.html", "index.json"}
    wanted = (*_PASSED_ON, *more)
    headers = {name: found[name.lower()] for name in wanted if name.lower() in found}
    policy = PAGE_CACHE_CONTROL if page else FILE_CACHE_CONTROL
    headers["Cache-Control"] = found.get("cache-control", policy)
    headers["Accept-Ranges"] = "bytes"
    if page:
        headers["Vary"] = "Accept"
        if headers.get("Content-Type", "").startswith("text/html"):
            headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return headers
