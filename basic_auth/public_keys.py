"""Verify RS256 signatures with RSA public keys, in pure Python.

RS256 is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3; RFC 8017, section 8.2.2). A
verification is one modular exponentiation, which takes a fraction of a millisecond. There are no
private keys here, so timing reveals nothing.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

_MIN_BITS, _MAX_BITS = 2048, 8192
# The range that cryptographic libraries accept. Larger exponents only make verification slower.
_MIN_EXPONENT, _MAX_EXPONENT = 3, 2**32
# The DER prefix of a SHA-256 digest (RFC 8017, section 9.2, note 1).
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_BASE64URL = re.compile(rb"[A-Za-z0-9_-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An RSA public key.

    Attributes:
        modulus: The modulus n, of at least 2,048 bits.
        exponent: The public exponent e.
    """

    modulus: int
    exponent: int

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object]) -> "PublicKey | None":
        """Create a key from a JSON Web Key (RFC 7517; RFC 7518, section 6.3).

        Args:
            jwk: The JSON object.

        Returns:
            The key; None if it is not an RSA key for RS256 signatures, or its size is unsupported.
        """
        if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig":
            return None
        if jwk.get("alg", "RS256") != "RS256":
            return None
        modulus, exponent = _number(jwk.get("n")), _number(jwk.get("e"))
        if modulus is None or exponent is None or not modulus % 2 or not exponent % 2:
            return None
        if not _MIN_BITS <= modulus.bit_length() <= _MAX_BITS:
            return None
        if not _MIN_EXPONENT <= exponent <= _MAX_EXPONENT:
            return None
        return cls(modulus, exponent)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Return whether this key has made an RS256 signature.

        The whole padded block is built and compared. The signature is not parsed, so forged padding
        cannot pass.

        Args:
            message: The signed bytes.
            signature: The signature, as long as the modulus.
        """
        size = (self.modulus.bit_length() + 7) // 8
        number = int.from_bytes(signature)
        if len(signature) != size or number >= self.modulus:
            return False
        ending = b"\x00" + _DIGEST_INFO + hashlib.sha256(message).digest()
        expected = b"\x00\x01".ljust(size - len(ending), b"\xff") + ending
        return pow(number, self.exponent, self.modulus).to_bytes(size) == expected


def decode_base64url(text: bytes) -> bytes | None:
    """Decode base64url without padding (RFC 7515, section 2).

    Args:
        text: The encoded bytes.

    Returns:
        The decoded bytes; None if the text is not the canonical encoding of any bytes.
    """
    if not _BASE64URL.fullmatch(text):
        return None
    try:
        decoded = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return None
    return decoded if base64.urlsafe_b64encode(decoded).rstrip(b"=") == text else None


def _number(value: object) -> int | None:
    """Decode a Base64urlUInt (RFC 7518, section 2)."""
    if not isinstance(value, str) or not value.isascii() or len(value) > _MAX_BITS:
        return None
    decoded = decode_base64url(value.encode())
    return None if decoded is None else int.from_bytes(decoded)
