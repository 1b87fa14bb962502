"""The function at the edge, as CloudFront runs it: the very handler, in one container."""

import threading
from collections.abc import Callable
from email.message import Message
from typing import Any

from basic_auth.key_fetch import fetch
from basic_auth.parameters import ParameterStore
from basic_auth.readers import Readers
from basic_auth.viewer_request import ViewerRequest

DOMAIN = "localhost"
"""Whose users the local edge checks."""


class ViewerFunction:
    """Asks the viewer-request function of `basic_auth` about each request."""

    def __init__(self, store: ParameterStore, fetch: Callable[[str], bytes] = fetch) -> None:
        """Start a container.

        Args:
            store: Where the users and issuers are.
            fetch: Gets an issuer's key set.
        """
        readers = Readers(store, DOMAIN, fetch)
        self._function = ViewerRequest(DOMAIN, readers.prefixes)
        # A container has one request at a time.
        self._lock = threading.Lock()

    def __call__(self, method: str, target: str, headers: Message) -> dict[str, Any]:
        """Ask what a request is to be answered with.

        Args:
            method: The request's method.
            target: Path and query, as they came.
            headers: The request's headers.

        Returns:
            The request to pass on or the response to send, as Lambda@Edge has them.
        """
        uri, _, query = target.partition("?")
        listed: dict[str, list[dict[str, str]]] = {}
        for name, value in headers.items():
            listed.setdefault(name.lower(), []).append({"key": name, "value": value})
        request = {"method": method, "uri": uri, "querystring": query, "headers": listed}
        with self._lock:
            return self._function({"Records": [{"cf": {"request": request}}]})
