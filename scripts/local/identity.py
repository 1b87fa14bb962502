"""A local STS with GetWebIdentityToken, and the key set of its tokens.

The emulator does not support AWS's outbound identity federation. Here, every caller is the same
principal and signatures are not checked, so this is for trying out clients and not for testing
permissions.
"""

import base64
import contextlib
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from scripts.local.edge.connections import ConnectionServer
from scripts.local.emulator import ACCOUNT
from scripts.local.ports import HOST, usable_port

ISSUER: Final = "https://local.tokens.sts.global.api.aws"
"""The issuer of the tokens; `Identity.fetch` returns its key set."""
SUBJECT: Final = f"arn:aws:iam::{ACCOUNT}:role/local"
"""The subject of every token."""

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_MAX_BODY = 65_536


class Identity(ConnectionServer):
    """The server; see `running_identity`.

    Attributes:
        enabled: Whether the account has enabled the federation.
        issued: The number of issued tokens.
    """

    def __init__(self, port: int) -> None:
        self.enabled = True
        self.issued = 0
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._key_id = secrets.token_hex(8)
        super().__init__((HOST, port), _Handler)

    @property
    def url(self) -> str:
        """The endpoint of STS."""
        return f"http://{HOST}:{self.server_port}"

    def fetch(self, url: str) -> bytes:
        """Return the key set; replaces `basic_auth.key_fetch.fetch`."""
        if not url.startswith(f"{ISSUER}/"):
            raise ValueError(f"there is no other issuer here: {url}")
        numbers = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self._key_id}
        return json.dumps(
            {"keys": [key | {"n": _number(numbers.n), "e": _number(numbers.e)}]}
        ).encode()

    def token(self, audience: str | list[str], seconds: int = 3600, **claims: object) -> str:
        """Issue a token.

        Args:
            audience: The audience.
            seconds: The lifetime.
            claims: Additional or different claims.
        """
        now = int(time.time())
        header = {"alg": "RS256", "kid": self._key_id, "typ": "JWT"}
        body = {"iss": ISSUER, "aud": audience, "sub": SUBJECT, "iat": now, "exp": now + seconds}
        message = f"{_part(header)}.{_part({**body, 'jti': secrets.token_hex(8), **claims})}"
        signature = self._key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
        self.issued += 1
        return f"{message}.{_encode(signature)}"


@contextlib.contextmanager
def running_identity(port: int = 0) -> Iterator[Identity]:
    """Serve STS while the context is active.

    Args:
        port: The port on loopback; 0 for any free port.

    Yields:
        The server.

    Raises:
        EmulatorError: The port is taken.
    """
    with Identity(usable_port(port, "the port of STS")) as identity, identity.serving("sts"):
        yield identity


class _Handler(BaseHTTPRequestHandler):
    """Handles one connection."""

    timeout = 60
    server: Identity

    def do_POST(self) -> None:
        """Handle a request of the AWS query protocol."""
        length = int(self.headers.get("Content-Length", "0"))
        if not 0 < length <= _MAX_BODY:
            self._refuse(
                HTTPStatus.BAD_REQUEST, "InvalidRequest", "The body is missing or too long."
            )
            return
        asked = dict(parse_qsl(self.rfile.read(length).decode()))
        # A web page cannot send this header to another origin.
        if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
            self._refuse(HTTPStatus.FORBIDDEN, "MissingAuthenticationToken", "Sign the request.")
        elif asked.get("Action") != "GetWebIdentityToken":
            self._refuse(HTTPStatus.BAD_REQUEST, "InvalidAction", "Only GetWebIdentityToken.")
        elif not self.server.enabled:
            code = "OutboundWebIdentityFederationDisabledException"
            self._refuse(HTTPStatus.FORBIDDEN, code, "The federation is not enabled.")
        elif asked.get("SigningAlgorithm") != "RS256":
            self._refuse(HTTPStatus.BAD_REQUEST, "ValidationError", "Only RS256 here.")
        else:
            self._issue(asked)

    def log_message(self, *_: object) -> None:
        """Do not log requests, which contain signatures."""

    def _issue(self, asked: Mapping[str, str]) -> None:
        audiences = [asked[name] for name in sorted(asked) if name.startswith("Audience.member.")]
        seconds = int(asked.get("DurationSeconds", "300"))
        token = self.server.token(audiences if len(audiences) > 1 else audiences[0], seconds)
        expires = datetime.fromtimestamp(int(time.time()) + seconds, UTC)
        self._answer(
            HTTPStatus.OK,
            f'<GetWebIdentityTokenResponse xmlns="{_NAMESPACE}"><GetWebIdentityTokenResult>'
            f"<WebIdentityToken>{token}</WebIdentityToken>"
            f"<Expiration>{expires:%Y-%m-%dT%H:%M:%SZ}</Expiration></GetWebIdentityTokenResult>"
            "<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata>"
            "</GetWebIdentityTokenResponse>",
        )

    def _refuse(self, status: HTTPStatus, code: str, message: str) -> None:
        self._answer(
            status,
            f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type><Code>{code}</Code>'
            f"<Message>{escape(message)}</Message></Error><RequestId>local</RequestId>"
            "</ErrorResponse>",
        )

    def _answer(self, status: HTTPStatus, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _part(content: Mapping[str, Any]) -> str:
    return _encode(json.dumps(content).encode())


def _number(number: int) -> str:
    return _encode(number.to_bytes((number.bit_length() + 7) // 8))


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
