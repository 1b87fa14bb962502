"""JSON Web Tokens of AWS and other issuers: reading one, and the claims it must have; pure.

RFC 7519 with RFC 7515's compact serialisation. Only RS256 is accepted: what a token says about
itself never chooses how it is verified, nor where its key comes from.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from basic_auth.errors import TokenError
from basic_auth.public_keys import PublicKey, decode_base64url

MAX_LENGTH: Final = 6000
"""The longest token that is read, in bytes."""
MAX_AHEAD_SECONDS: Final = 60
"""How far an issuer's clock may be ahead of ours."""
MAX_LIFETIME_SECONDS: Final = 3600
"""The longest lifetime that a token may have; what `sts:GetWebIdentityToken` allows."""

_PARTS = 3
_MAX_KEY_ID = 256
_MAX_SUBJECT = 2048


@dataclass(frozen=True, slots=True)
class Token:
    """A token whose signature has not been checked yet.

    Attributes:
        key_id: Which of the issuer's keys signed it (`kid`).
        issuer: Who says that they issued it (`iss`).
        claims: Everything in it.
        message: What is signed.
        signature: The signature.
    """

    key_id: str
    issuer: str
    claims: dict[str, Any] = field(repr=False)
    message: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Token":
        """Read a token.

        Args:
            text: The compact serialisation.

        Returns:
            The token.

        Raises:
            TokenError: It is too long, malformed, or not signed with RS256.
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
        """Check the signature, the audience and the lifetime.

        Args:
            key: The issuer's key of the token's `key_id`.
            audience: What the token must be for.

        Returns:
            What the token proves.

        Raises:
            TokenError: The signature is wrong, or the token is not for this audience, or it lives
                too long.
        """
        if not key.verifies(self.message, self.signature):
            raise TokenError("its signature is wrong")
        # A list of audiences (RFC 7519, section 4.1.3) is a token for others as well.
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
    """What a token proves: its signature and its audience are right.

    Attributes:
        issuer: Who issued the token.
        audience: What it is for.
        subject: Whom it is about.
        starts: From when it is valid, in epoch seconds.
        expires: When it ends, in epoch seconds.
    """

    issuer: str
    audience: str
    subject: str
    starts: int
    expires: int

    def check_time(self, now: float) -> None:
        """Check that the token is valid now.

        Args:
            now: Epoch seconds.

        Raises:
            TokenError: It has expired, or its time has not come yet.
        """
        if self.expires <= now:
            raise TokenError("it has expired: get a new one")
        if self.starts > now + MAX_AHEAD_SECONDS:
            raise TokenError("it is not valid yet: check the clock of whoever issued it")


def looks_like_token(text: str) -> bool:
    """Whether a password is meant as a token: three parts, the first one a JSON object's."""
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
        # Two readers could take two different ones (RFC 7519, section 4).
        raise TokenError("it has a member twice")
    return content


def _refuse_constant(_: str) -> NoReturn:
    raise TokenError("it has a number that JSON does not have")


def _time(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TokenError(f"its {name} is not a whole number of seconds")
    return value
