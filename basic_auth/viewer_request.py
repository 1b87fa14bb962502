"""The viewer-request function: check the credentials, then map the path to an object."""

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from basic_auth.credentials import Credentials
from basic_auth.error_pages import as_page, is_browser
from basic_auth.errors import TokenError, UnavailableError
from basic_auth.negotiation import NotFound, Redirect, negotiate
from basic_auth.prefixes import Prefixes
from basic_auth.responses import (
    Response,
    forbidden,
    not_allowed,
    not_found,
    redirect,
    unauthorized,
    unavailable,
)

_log = logging.getLogger(__name__)


class ViewerRequest:
    """The viewer-request function of one deployment, callable with each event."""

    def __init__(self, realm: str, prefixes: Callable[[Credentials], Prefixes | None]) -> None:
        """Create the function.

        Args:
            realm: The domain of the index, which browsers show when they ask for a password.
            prefixes: Checks credentials and returns the prefixes that the reader may read, such as
                `Readers.prefixes`.
        """
        self._realm = realm
        self._prefixes = prefixes

    def __call__(self, event: Mapping[str, Any]) -> Response:
        """Handle an event. Never raises.

        Args:
            event: CloudFront's viewer-request event.

        Returns:
            The request for the object, without the Authorization header and the query, or a
            response. Unexpected errors result in a 503 and are logged without their message: Lambda
            would log an exception with its message, which could contain a password.
        """
        accept = ""
        method = "HEAD"  # until it is known: a response without a body is valid for every method
        try:
            request = event["Records"][0]["cf"]["request"]
            method = request["method"]
            accept = _accept(request["headers"])
            answer = self._answer(request)
        except TokenError as error:
            answer = unauthorized(self._realm, method, f"The token is rejected: {error}.")
        except UnavailableError as error:
            answer = unavailable(method, error.retry_seconds)
        except Exception as error:  # noqa: BLE001 - see the docstring
            where = traceback.extract_tb(error.__traceback__)[-1]
            _log.error("Unexpected %s at %s:%s", type(error).__name__, where.filename, where.lineno)
            answer = unavailable(method)
        return as_page(answer) if is_browser(accept) else answer

    def _answer(self, request: Response) -> Response:
        headers, method = request["headers"], request["method"]
        # The cache and S3 must not see the credentials; responses are the same for all users.
        sent = [each["value"] for each in headers.pop("authorization", [])]
        credentials = Credentials.parse(sent[0]) if len(sent) == 1 else None
        readable = self._prefixes(credentials) if credentials else None
        if readable is None:
            return unauthorized(self._realm, method)
        if method not in {"GET", "HEAD"}:
            return not_allowed(method)
        return _negotiated(request, readable)


def _negotiated(request: Response, readable: Prefixes) -> Response:
    headers, method = request["headers"], request["method"]
    decision = negotiate(request["uri"], request["querystring"], _accept(headers))
    if isinstance(decision, NotFound):
        return not_found(method)
    target = decision.location if isinstance(decision, Redirect) else decision.uri
    if not readable.allow(target.partition("?")[0]):
        return forbidden(method)
    if isinstance(decision, Redirect):
        return redirect(target, decision.status, method)
    return {**request, "uri": target, "querystring": ""}


def _accept(headers: Mapping[str, Any]) -> str:
    return ", ".join(each["value"] for each in headers.get("accept", []))
