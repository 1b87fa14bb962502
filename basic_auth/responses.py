"""The function's own answers, in the form of Lambda@Edge (CloudFront's "generated responses").

Keys of headers are in lower case, a status is a string. CloudFront keeps none of them.
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
    """Ask for credentials (RFC 7617); one answer for none, wrong ones, and users who are unknown.

    Args:
        realm: What they are for: a domain, so that nothing in it has to be escaped.
        method: The request's method.
        text: What to say.
    """
    challenge = {"WWW-Authenticate": f'Basic realm="{realm}", charset="UTF-8"'}
    return _response(HTTPStatus.UNAUTHORIZED, method, text, challenge)


def forbidden(method: str) -> Response:
    """Say that a reader who is known may not read this.

    Args:
        method: The request's method.
    """
    text = "You may not read this part of the index. Ask its administrators for access."
    return _response(HTTPStatus.FORBIDDEN, method, text)


def unavailable(method: str, retry_seconds: int = RETRY_SECONDS) -> Response:
    """Say that it cannot be known at present who may come in; pip and uv try again by themselves.

    Args:
        method: The request's method.
        retry_seconds: When to try again.
    """
    text = "Logins cannot be checked at the moment. Try again in a few seconds."
    return _response(
        HTTPStatus.SERVICE_UNAVAILABLE, method, text, {"Retry-After": str(retry_seconds)}
    )


def not_found(method: str) -> Response:
    """Say that no object can have this path.

    Args:
        method: The request's method.
    """
    return _response(
        HTTPStatus.NOT_FOUND,
        method,
        "There is nothing at this address. Check the spelling of the name.",
    )


def redirect(location: str, status: int, method: str) -> Response:
    """Send the client to another address.

    Args:
        location: Path and query on the same host.
        status: Such as 301.
        method: The request's method.
    """
    # For this client alone: who asks without a password must be told so, not where to go.
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
