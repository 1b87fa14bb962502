"""Fetch a key set over HTTPS, with limits on its size and on the time."""

import http.client
import ssl
import time
from typing import Final
from urllib.parse import urlsplit

from basic_auth.errors import KeySetError

MAX_BYTES: Final = 64 * 1024
"""The maximum size of a key set, in bytes."""
SECONDS: Final = 1.5
"""The timeout for connecting and the TLS handshake, and for the whole request."""

_CHUNK = 8192
_LEAST_SECONDS = 0.1


def fetch(url: str, *, context: ssl.SSLContext | None = None) -> bytes:
    """Fetch a document from an issuer.

    Redirects are not followed and proxies are not used.

    Args:
        url: An https URL from an issuer's record; never one from a token.
        context: The TLS context; by default, one that trusts the system's certificate authorities.

    Returns:
        The document.

    Raises:
        KeySetError: The request fails, is not answered with 200, or exceeds a limit.
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
            raise KeySetError(f"the issuer responded with status {answer.status}")
        return _read(answer, deadline)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise KeySetError(f"the issuer cannot be reached ({type(error).__name__})") from error
    finally:
        connection.close()


def _read(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    document = b""
    while chunk := answer.read1(_CHUNK):
        document += chunk
        if len(document) > MAX_BYTES:
            raise KeySetError(f"it is larger than {MAX_BYTES} bytes")
        if time.monotonic() > deadline:
            raise KeySetError(f"reading it took longer than {SECONDS} s")
    return document
