"""Reading a key set over HTTPS, with bounds on its size and on the time it takes."""

import http.client
import ssl
import time
from typing import Final
from urllib.parse import urlsplit

from basic_auth.errors import KeySetError

MAX_BYTES: Final = 64 * 1024
"""The longest key set that is read."""
SECONDS: Final = 1.5
"""How long connecting, the handshake, and everything after them may take."""

_CHUNK = 8192
_LEAST_SECONDS = 0.1


def fetch(url: str, *, context: ssl.SSLContext | None = None) -> bytes:
    """Get a document from an issuer.

    Redirects are not followed and no proxy is asked: the record names the one address to read.

    Args:
        url: An https URL that an operator has configured; never one out of a token.
        context: How to verify the server; the system's authorities when None.

    Returns:
        The document.

    Raises:
        KeySetError: It cannot be had, is not 200, is too long or takes too long.
    """
    parts = urlsplit(url)
    deadline = time.monotonic() + SECONDS
    context = context or ssl.create_default_context()
    connection = http.client.HTTPSConnection(parts.netloc, timeout=SECONDS, context=context)
    try:
        connection.connect()
        connection.sock.settimeout(max(deadline - time.monotonic(), _LEAST_SECONDS))
        connection.request("GET", parts.path, headers={"Accept": "application/json"})
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK:
            raise KeySetError(f"the issuer answers {answer.status}")
        return _read(answer, deadline)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise KeySetError(f"the issuer cannot be asked ({type(error).__name__})") from error
    finally:
        connection.close()


def _read(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    document = b""
    while chunk := answer.read1(_CHUNK):
        document += chunk
        if len(document) > MAX_BYTES:
            raise KeySetError(f"it has more than {MAX_BYTES} bytes")
        if time.monotonic() > deadline:
            raise KeySetError(f"it takes more than {SECONDS} s")
    return document
