"""Responses that the functions generate, as Lambda@Edge represents them.

Header names are in lower case and a status is a string. CloudFront does not cache these responses.
"""

from http import HTTPStatus
from typing import Any

Response = dict[str, Any]

RETRY_SECONDS = 2


def unauthorized(
    realm: str,
    method: str,
    text: str = "Log in with a user name and a password, or with a token, of this index.",
) -> Response:
    """Return a 401 (RFC 7617); the same for missing and wrong credentials and unknown users.

    Args:
        realm: The domain of the index. It needs no escaping.
        method: The request's method.
        text: The message.
    """
    challenge = {"WWW-Authenticate": f'Basic realm="{realm}", charset="UTF-8"'}
    return _response(HTTPStatus.UNAUTHORIZED, method, text, challenge)


def forbidden(method: str) -> Response:
    """Return a 403 for a known reader who may not read this path.

    Args:
        method: The request's method.
    """
    text = "You may not read this part of the index. Ask its administrators for access."
    return _response(HTTPStatus.FORBIDDEN, method, text)


def unavailable(method: str, retry_seconds: int = RETRY_SECONDS) -> Response:
    """Return a 503, because credentials cannot be checked at the moment. pip and uv retry it.

    Args:
        method: The request's method.
        retry_seconds: How long the client should wait before it retries.
    """
    text = "Logins cannot be checked at the moment. Try again in a few seconds."
    return _response(
        HTTPStatus.SERVICE_UNAVAILABLE, method, text, {"Retry-After": str(retry_seconds)}
    )


def not_found(method: str) -> Response:
    """Return a 404 for a path that no object can have.

    Args:
        method: The request's method.
    """
    return _response(
        HTTPStatus.NOT_FOUND,
        method,
        "There is nothing at this address. Check the spelling of the name.",
    )


def not_allowed(method: str) -> Response:
    """Return a 405 for a method other than GET and HEAD.

    Args:
        method: The request's method.
    """
    text = "This address is for reading only. Upload packages with s3pypi upload."
    return _response(HTTPStatus.METHOD_NOT_ALLOWED, method, text, {"Allow": "GET, HEAD"})


def redirect(location: str, status: int, method: str) -> Response:
    """Return a redirect.

    Args:
        location: Path and query on the same host.
        status: The status, such as 301.
        method: The request's method.
    """
    # Private, because a client without credentials must get a 401 and not the redirect.
    headers = {"Location": location, "Cache-Control": "private, max-age=86400"}
    return _response(HTTPStatus(status), method, "This page has another address.", headers)


def _response(
    status: HTTPStatus, method: str, text: str, headers: dict[str, str] | None = None
) -> Response:
    every = {
        "Cache-Control": "no-store",
        "Content-Type": "text/plain; charset=utf-8",
        **(headers or {}),
    }
    response: Response = {
        "status": str(status.value),
        "statusDescription": status.phrase,
        "headers": {name.lower(): [{"key": name, "value": value}] for name, value in every.items()},
    }
    if method != "HEAD":
        response |= {"body": f"{text}\n", "bodyEncoding": "text"}
    return response
