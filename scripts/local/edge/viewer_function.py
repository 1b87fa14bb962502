"""Run the real viewer-request function as CloudFront does."""

import threading
from collections.abc import Callable
from email.message import Message
from typing import Any

from basic_auth.key_fetch import fetch
from basic_auth.parameters import ParameterStore
from basic_auth.readers import Readers
from basic_auth.viewer_request import ViewerRequest

DOMAIN = "localhost"
"""The domain of the local index."""


class ViewerFunction:
    """Passes each request to the viewer-request function of `basic_auth`."""

    def __init__(self, store: ParameterStore, fetch: Callable[[str], bytes] = fetch) -> None:
        """Create the function.

        Args:
            store: The store of users and issuers.
            fetch: Fetches an issuer's key set.
        """
        readers = Readers(store, DOMAIN, fetch)
        self._function = ViewerRequest(DOMAIN, readers.prefixes)
        # A container handles one request at a time.
        self._lock = threading.Lock()

    def __call__(self, method: str, target: str, headers: Message) -> dict[str, Any]:
        """Return the request to pass on, or the response to send, as Lambda@Edge represents them.

        Args:
            method: The request's method.
            target: Path and query, as received.
            headers: The request's headers.
        """
        uri, _, query = target.partition("?")
        listed: dict[str, list[dict[str, str]]] = {}
        for name, value in headers.items():
            listed.setdefault(name.lower(), []).append({"key": name, "value": value})
        request = {"method": method, "uri": uri, "querystring": query, "headers": listed}
        with self._lock:
            return self._function({"Records": [{"cf": {"request": request}}]})
