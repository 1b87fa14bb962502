"""Parse JSON Web Tokens of AWS and other issuers, and check their claims. Pure.

Tokens use the compact serialization (RFC 7519, RFC 7515). Only RS256 is accepted: a token's header
determines neither the algorithm nor the source of the key.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from basic_auth.errors import TokenError
from basic_auth.public_keys import PublicKey, decode_base64url

MAX_LENGTH: Final = 6000
"""The maximum length of a token, in bytes."""
MAX_AHEAD_SECONDS: Final = 60
"""The maximum difference between an issuer's clock and ours."""
MAX_LIFETIME_SECONDS: Final = 3600
"""The maximum lifetime of a token, as for `sts:GetWebIdentityToken`."""

_PARTS = 3
_MAX_KEY_ID = 256
_MAX_SUBJECT = 2048


@dataclass(frozen=True, slots=True)
class Token:
    """A token whose signature has not been verified.

    Attributes:
        key_id: The ID of the key that signed it (`kid`).
        issuer: The claimed issuer (`iss`).
        claims: All claims.
        message: The signed bytes.
        signature: The signature.
    """

    key_id: str
    issuer: str
    claims: dict[str, Any] = field(repr=False)
    message: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Token":
        """Parse a token.

        Args:
            text: The compact serialization.

        Returns:
            The token.

        Raises:
            TokenError: The token is too long, malformed, or not signed with RS256.
        """
        if len(text) > MAX_LENGTH or not text.isascii():
            raise TokenError(f"it is longer than {MAX_LENGTH} bytes or not ASCII")
        parts = text.encode().split(b".")
        if len(parts) != _PARTS:
            raise TokenError("it does not have three parts")
        header, claims = _object(parts[0]), _object(parts[1])
        if header.get("alg") != "RS256":
            raise TokenError("it is not signed with RS256")
        if "crit" in header:
            raise TokenError("it has a critical extension")
        key_id, issuer = header.get("kid"), claims.get("iss")
        if not isinstance(issuer, str):
            raise TokenError("it names no issuer")
        if not isinstance(key_id, str) or not 0 < len(key_id) <= _MAX_KEY_ID:
            raise TokenError("it names no key")
        signature = decode_base64url(parts[2])
        if signature is None:
            raise TokenError("its signature is not base64url")
        return cls(key_id, issuer, claims, b".".join(parts[:2]), signature)

    def verified(self, key: PublicKey, audience: str) -> "Identity":
        """Verify the signature, the audience and the maximum lifetime.

        Args:
            key: The key with the token's `key_id`.
            audience: The required audience.

        Returns:
            The verified identity. The caller must check its time.

        Raises:
            TokenError: The signature is wrong, the audience is another one, or the lifetime is too
                long.
        """
        if not key.verifies(self.message, self.signature):
            raise TokenError("its signature is wrong")
        # A token with a list of audiences (RFC 7519, section 4.1.3) would be valid elsewhere, too.
        if self.claims.get("aud") != audience:
            raise TokenError(f"its audience is not {audience}")
        issued, expires = _time(self.claims, "iat"), _time(self.claims, "exp")
        starts = _time(self.claims, "nbf") if "nbf" in self.claims else issued
        if expires - issued > MAX_LIFETIME_SECONDS:
            raise TokenError(f"it is valid for more than {MAX_LIFETIME_SECONDS} seconds")
        subject = self.claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_SUBJECT:
            raise TokenError("it names no subject")
        return Identity(self.issuer, audience, subject, max(issued, starts), expires)


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity in a token whose signature and audience were verified.

    Attributes:
        issuer: The issuer's URL.
        audience: The audience.
        subject: The subject (`sub`).
        starts: When it becomes valid, in epoch seconds.
        expires: When it expires, in epoch seconds.
    """

    issuer: str
    audience: str
    subject: str
    starts: int
    expires: int

    def check_time(self, now: float) -> None:
        """Check that the token is valid at a time.

        Args:
            now: The time in epoch seconds.

        Raises:
            TokenError: The token has expired or is not valid yet.
        """
        if self.expires <= now:
            raise TokenError("it has expired: get a new one")
        if self.starts > now + MAX_AHEAD_SECONDS:
            raise TokenError("it is not valid yet: check the clock of its issuer")


def looks_like_token(text: str) -> bool:
    """Return whether a password looks like a token: three parts, the first one a JSON object."""
    return text.startswith("eyJ") and text.count(".") == _PARTS - 1


def _object(part: bytes) -> dict[str, Any]:
    decoded = decode_base64url(part)
    if decoded is None:
        raise TokenError("a part of it is not base64url")
    try:
        content = json.loads(
            decoded.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):
        raise TokenError("a part of it is not JSON") from None  # the cause would quote it
    if not isinstance(content, dict):
        raise TokenError("a part of it is not a JSON object")
    return content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        # Parsers differ in which of them they return (RFC 7519, section 4).
        raise TokenError("it has a duplicate member")
    return content


def _refuse_constant(_: str) -> NoReturn:
    raise TokenError("it has a number that is not valid JSON")


def _time(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TokenError(f"its {name} is not an integer number of seconds")
    return value
