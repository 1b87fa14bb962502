"""Hash and verify passwords. Pure.

New records contain an scrypt hash (RFC 7914) and its parameters. With the defaults, a hash takes
16 MiB and 50 ms of a full processor, or about 0.7 s in a function of 128 MB, which has a fourteenth
of one. OWASP's cheat sheet on password storage recommends five times this work at this size
(N=2^14, r=8, p=5). That would take 3.3 of the 5 seconds that a viewer-request function has, and a
slow day would lock out all users. Only principals that may read the parameters can read the hashes,
and a long random password (`put_user.py --random-password`) is safe with any hash.

Records of s3pypi 1.x and 2.x contain the hexadecimal SHA-1 of the password followed by the salt.
"""

import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from basic_auth.errors import RecordError
from basic_auth.prefixes import EVERYTHING, Prefixes

SALT_BYTES: Final = 32
MIN_SALT_BYTES: Final = 16
MAX_SALT_BYTES: Final = 256

N, R, P = 2**14, 8, 1
_LENGTH = 32
_SHA1_LENGTH = 20

# The limits for a record: twice the memory and the work of the defaults.
_MAX_MEMORY = 2 * 128 * R * (N + P + 2)
_MAX_WORK = 2 * N * R * P
# OpenSSL counts slightly more memory than the algorithm needs.
_MAX_OPENSSL_MEMORY = 2 * _MAX_MEMORY


@dataclass(frozen=True, slots=True)
class Record:
    """The stored record of a user.

    Attributes:
        algorithm: The hash algorithm; `sha1` is that of s3pypi 1.x and 2.x.
        hash: The hash, in hexadecimal.
        salt: The salt; its UTF-8 encoding is hashed.
        n: The scrypt cost, a power of two.
        r: The scrypt block size.
        p: The scrypt parallelization.
        prefixes: The prefixes that the user may read.
        fingerprint: A SHA-256 hash of all other attributes.
    """

    algorithm: Literal["scrypt", "sha1"]
    hash: str = field(repr=False)
    salt: str = field(repr=False)
    n: int = N
    r: int = R
    p: int = P
    prefixes: Prefixes = EVERYTHING
    fingerprint: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.to_json().encode()).digest()
        object.__setattr__(self, "fingerprint", digest)  # the class is frozen

    @property
    def is_old(self) -> bool:
        """Whether the record is of s3pypi 1.x or 2.x, and should be replaced."""
        return self.algorithm == "sha1"

    @classmethod
    def parse(cls, text: str) -> "Record":
        """Parse a record.

        Args:
            text: The parameter's value.

        Returns:
            The record.

        Raises:
            RecordError: The text is not a record, its algorithm is unknown, or its parameters
                exceed the limits.
        """
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            raise RecordError("It is not JSON.") from None  # the cause would quote the hash
        if not isinstance(content, dict):
            raise RecordError("It is not a JSON object.")
        algorithm = content.get("algorithm", "sha1")
        salt = content.get("password_salt")
        if not isinstance(salt, str) or not salt.isascii() or not salt:
            raise RecordError("Its password_salt is not a non-empty ASCII string.")
        prefixes = Prefixes.parse(content["prefixes"]) if "prefixes" in content else EVERYTHING
        if algorithm == "sha1":
            return cls("sha1", _digest(content, _SHA1_LENGTH), salt, prefixes=prefixes)
        if algorithm == "scrypt":
            return cls("scrypt", _digest(content, _LENGTH), salt, *_cost(content), prefixes)
        raise RecordError("Its algorithm is unknown.")

    def to_json(self) -> str:
        """Return the record as it is stored, including the hash and the salt."""
        content: dict[str, object] = {"password_hash": self.hash, "password_salt": self.salt}
        if not self.is_old:
            content |= {"algorithm": self.algorithm, "n": self.n, "r": self.r, "p": self.p}
        if self.prefixes != EVERYTHING:
            content["prefixes"] = self.prefixes.to_json()
        return json.dumps(content, indent=2)


def hash_password(
    password: str, salt_bytes: int = SALT_BYTES, prefixes: Prefixes = EVERYTHING
) -> Record:
    """Return a new record for a password.

    Args:
        password: The password. It is normalized to NFC (RFC 7617, section 2.1), because keyboards
            differ in the code points that they produce for a character.
        salt_bytes: The number of random bytes in the salt.
        prefixes: The prefixes that the user may read.

    Returns:
        The record, with a new salt.
    """
    salt = secrets.token_urlsafe(salt_bytes)
    return Record("scrypt", _scrypt(password, salt, N, R, P).hex(), salt, prefixes=prefixes)


NOBODY: Final = Record("scrypt", secrets.token_hex(_LENGTH), secrets.token_urlsafe(SALT_BYTES))
"""A dummy record to check unknown users against. No password has this hash."""


def verify(password: str, record: Record) -> bool:
    """Return whether a password matches a record.

    The work is the same for each format of records, so that the response time does not reveal it. A
    password with a NUL never matches: scrypt begins with HMAC, which pads its key with NULs, so `x`
    and `x` followed by a NUL would be the same password.

    Args:
        password: The password that the client sent.
        record: The user's record, or `NOBODY`.

    Returns:
        Whether the password is right; always False for `NOBODY`.
    """
    hashed = NOBODY if record.is_old else record
    digest = _scrypt(password, hashed.salt, hashed.n, hashed.r, hashed.p)
    matches = hmac.compare_digest(digest, bytes.fromhex(hashed.hash))
    if record.is_old:
        # s3pypi 1.x and 2.x did not normalize passwords.
        old = hashlib.sha1((password + record.salt).encode(), usedforsecurity=False)
        matches = hmac.compare_digest(old.digest(), bytes.fromhex(record.hash))
    return matches and record is not NOBODY and "\0" not in password


def _scrypt(password: str, salt: str, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(
        unicodedata.normalize("NFC", password).encode(),
        salt=salt.encode(),
        n=n,
        r=r,
        p=p,
        maxmem=_MAX_OPENSSL_MEMORY,
        dklen=_LENGTH,
    )


def _digest(content: Mapping[str, object], length: int) -> str:
    value = content.get("password_hash")
    if not isinstance(value, str) or not re.fullmatch(rf"[0-9a-fA-F]{{{2 * length}}}", value):
        raise RecordError("Its password_hash is not a hexadecimal hash of its algorithm's length.")
    return value.lower()


def _cost(content: Mapping[str, object]) -> tuple[int, int, int]:
    n, r, p = (content.get(name) for name in ("n", "r", "p"))
    if not (isinstance(n, int) and isinstance(r, int) and isinstance(p, int)) or min(n, r, p) < 1:
        raise RecordError("Its n, r and p are not positive integers.")
    if n == 1 or n & (n - 1):
        raise RecordError("Its n is not a power of two greater than 1.")
    if n * r * p > _MAX_WORK or 128 * r * (n + p + 2) > _MAX_MEMORY:
        raise RecordError("Its n, r and p exceed the limits of the edge function.")
    return int(n), int(r), int(p)
