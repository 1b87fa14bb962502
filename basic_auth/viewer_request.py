"""What becomes of a viewer's request: checked first, then negotiated."""

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from basic_auth.credentials import Credentials
from basic_auth.error_pages import as_page, is_browser
from basic_auth.errors import TokenError, UnavailableError
from basic_auth.negotiation import NotFound, Redirect, negotiate
from basic_auth.prefixes import EVERYTHING, Prefixes
from basic_auth.responses import (
    Response,
    forbidden,
    not_found,
    redirect,
    unauthorized,
    unavailable,
)

_log = logging.getLogger(__name__)


class ViewerRequest:
    """The viewer-request function of one deployment; call it with each event."""

    def __init__(self, realm: str, prefixes: Callable[[Credentials], Prefixes | None]) -> None:
        """Describe the function.

        Args:
            realm: What people are asked a password for: the domain.
            prefixes: What a reader may read, such as `Readers.prefixes`.
        """
        self._realm = realm
        self._prefixes = prefixes

    def __call__(self, event: Mapping[str, Any]) -> Response:
        """Answer an event.

        Args:
            event: CloudFront's, for a viewer-request.

        Returns:
            The request for the object to serve, without the Authorization header and the query; or
            a response to send at once. It never raises, and what it did not foresee is 503: Lambda
            would write an error's text into the log, and a password may be in it.
        """
        accept = ""
        method = "HEAD"  # until it is known: an answer without a body suits every method
        try:
            request = event["Records"][0]["cf"]["request"]
            method = request["method"]
            accept = _accept(request["headers"])
            answer = self._answer(request)
        except TokenError as error:
            answer = unauthorized(self._realm, method, f"The token is refused: {error}.")
        except UnavailableError as error:
            answer = unavailable(method, error.retry_seconds)
        except Exception as error:  # noqa: BLE001 - see above
            where = traceback.extract_tb(error.__traceback__)[-1]
            _log.error("Unforeseen %s at %s:%s", type(error).__name__, where.filename, where.lineno)
            answer = unavailable(method)
        return as_page(answer) if is_browser(accept) else answer

    def _answer(self, request: Response) -> Response:
        headers, method = request["headers"], request["method"]
        # Neither the cache nor S3 is to see it: what they serve is the same for all users.
        sent = [each["value"] for each in headers.pop("authorization", [])]
        credentials = Credentials.parse(sent[0]) if len(sent) == 1 else None
        readable = self._prefixes(credentials) if credentials else None
        if readable is None:
            return unauthorized(self._realm, method)
        if method not in {"GET", "HEAD"}:
            # The cache behaviour's allowed methods decide; no path was normalised.
            return request if EVERYTHING.paths <= readable.paths else forbidden(method)
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
