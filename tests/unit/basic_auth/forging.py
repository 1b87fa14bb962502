"""Create valid and forged tokens, with real RSA keys."""

import base64
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

DOMAIN = "pypi.example.com"
ISSUER = "https://abc.tokens.sts.global.api.aws"
KEYS_URL = f"{ISSUER}/.well-known/jwks.json"
ROLE = "arn:aws:iam::123456789012:role/ci"
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

Json = dict[str, Any]


@dataclass(frozen=True)
class Key:
    """A private key, with its name in the key set."""

    private: rsa.RSAPrivateKey
    key_id: str

    @property
    def modulus(self) -> int:
        """N."""
        return self.private.private_numbers().public_numbers.n

    @property
    def exponent(self) -> int:
        """E."""
        return self.private.private_numbers().public_numbers.e

    @property
    def size(self) -> int:
        """The length of a signature in bytes."""
        return (self.modulus.bit_length() + 7) // 8

    def jwk(self, **changes: Any) -> Json:
        """Return the public key as a JSON Web Key; None removes a member."""
        content = {
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": self.key_id,
            "n": encode(as_bytes(self.modulus)),
            "e": encode(as_bytes(self.exponent)),
            **changes,
        }
        return {name: value for name, value in content.items() if value is not None}

    def raw(self, block: bytes) -> bytes:
        """Sign a block with any padding."""
        number, secret = int.from_bytes(block), self.private.private_numbers()
        one = pow(number, secret.dmp1, secret.p)
        other = pow(number, secret.dmq1, secret.q)
        signed = other + (one - other) * secret.iqmp % secret.p * secret.q
        return signed.to_bytes(self.size)

    def sign(self, message: bytes) -> bytes:
        """Sign a message with RS256."""
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())


@cache
def key(key_id: str = "one", bits: int = 2048, exponent: int = 65537) -> Key:
    """Create a key; the same arguments return the same key, to save time."""
    return Key(rsa.generate_private_key(exponent, bits), key_id)


def as_bytes(number: int) -> bytes:
    """Encode a number without leading zeros."""
    return number.to_bytes((number.bit_length() + 7) // 8)


def encode(content: bytes) -> str:
    """Encode bytes as base64url."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def write(content: object) -> str:
    """Encode a part of a token; bytes and text are not changed."""
    if isinstance(content, str):
        content = content.encode()
    return encode(content if isinstance(content, bytes) else json.dumps(content).encode())


def claims(now: float, **changes: Any) -> Json:
    """Return valid claims; None removes a claim."""
    content = {
        "iss": ISSUER,
        "aud": DOMAIN,
        "sub": ROLE,
        "iat": int(now),
        "exp": int(now) + 3600,
        "jti": "1",
        **changes,
    }
    return {name: value for name, value in content.items() if value is not None}


def header(**changes: Any) -> Json:
    """Return a valid header; None removes a member."""
    content = {"alg": "RS256", "kid": "one", "typ": "JWT", **changes}
    return {name: value for name, value in content.items() if value is not None}


def token(head: object, body: object, signer: Key | None = None) -> str:
    """Sign a token with a key."""
    message = f"{write(head)}.{write(body)}"
    signature = (signer or key()).sign(message.encode())
    return f"{message}.{encode(signature)}"


def key_set(*keys: Json) -> bytes:
    """Return a key set."""
    return json.dumps({"keys": list(keys)}).encode()


def issuer(subjects: dict[str, list[str]] | None = None, **changes: Any) -> str:
    """Return an issuer's record; None removes a member."""
    content = {
        "issuer": ISSUER,
        "audience": DOMAIN,
        "subjects": {ROLE: ["/"]} if subjects is None else subjects,
        **changes,
    }
    return json.dumps({name: value for name, value in content.items() if value is not None})
