"""The headers of a response: those of S3, and those of the response headers policies. Pure."""

from collections.abc import Mapping
from typing import Final

PAGE_CACHE_CONTROL: Final = "public, max-age=0, must-revalidate"
FILE_CACHE_CONTROL: Final = "public, max-age=31536000, immutable"

PAGE_HEADERS: Final = {
    "Vary": "Accept, Accept-Encoding",
    "Content-Security-Policy": "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
}
"""The headers of the response headers policy `pages` (terraform/modules/s3pypi/cdn.tf)."""

FILE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=31536000",
}
"""The headers of the response headers policy `files`."""

_PASSED_ON = ("Content-Type", "Content-Encoding", "Content-Disposition", "ETag", "Last-Modified")


def object_headers(path: str, key: str, found: Mapping[str, str], *more: str) -> dict[str, str]:
    """Return the headers of the response for an object.

    Args:
        path: The path that the client sent, without the query, which determines the policy.
        key: The object's key.
        found: S3's headers, by name in lower case.
        more: The names of further headers of S3 to keep, such as `Content-Length`.

    Returns:
        The headers, by their usual names.
    """
    wanted = (*_PASSED_ON, *more)
    headers = {name: found[name.lower()] for name in wanted if name.lower() in found}
    page = key.endswith("/") or key.rpartition("/")[2] in {"index.html", "index.json"}
    policy = PAGE_CACHE_CONTROL if page else FILE_CACHE_CONTROL
    headers["Cache-Control"] = found.get("cache-control", policy)
    headers["Accept-Ranges"] = "bytes"
    return headers | dict(policy_headers(path))


def policy_headers(path: str) -> Mapping[str, str]:
    """Choose the headers that the deployment's policies add.

    Args:
        path: The path as the client sent it, without the query; the policy is chosen by it.
    """
    return PAGE_HEADERS if path.endswith("/") else FILE_HEADERS
