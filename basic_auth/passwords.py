"""What is kept of a password, and how one is checked against it; pure.

New records have a hash by scrypt (RFC 7914) and its parameters. The default costs 16 MiB and 50 ms
of a whole processor; a function of 128 MB has a fourteenth of one, so about 0.7 s there. That is a
fifth of the work that OWASP's cheat sheet on password storage asks for at this size (N=2^14, r=8,
p=5), which would take 3.3 of the 5 seconds that a viewer-request function has: any slower day would
lock everybody out. The hashes are readable only to who may read the parameters, and a long random
password (`put_user.py --random-password`) needs no such help at all.

Records of s3pypi 1.x and 2.x have the hexadecimal SHA-1 of the password followed by the salt.
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

# What a record may ask of the edge: twice as much as ours, in memory as in work.
_MAX_MEMORY = 2 * 128 * R * (N + P + 2)
_MAX_WORK = 2 * N * R * P
# OpenSSL counts a little more than the algorithm does.
_MAX_OPENSSL_MEMORY = 2 * _MAX_MEMORY


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of one user's password.

    Attributes:
        algorithm: How it was hashed; `sha1` is that of s3pypi 1.x and 2.x.
        hash: The hash, in hexadecimal.
        salt: The salt, as text: its UTF-8 bytes are what is hashed.
        n: scrypt's cost, a power of two.
        r: scrypt's block size.
        p: scrypt's parallelisation.
        prefixes: What the user may read.
        fingerprint: A hash of all of this, which stands for the record.
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
        """Whether it should be replaced: it is of s3pypi 1.x or 2.x."""
        return self.algorithm == "sha1"

    @classmethod
    def parse(cls, text: str) -> "Record":
        """Read a record.

        Args:
            text: The parameter's value.

        Returns:
            The record.

        Raises:
            RecordError: It is none, of an algorithm that is not known, or more costly than the edge
                can bear.
        """
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            raise RecordError("It is not JSON.") from None  # which would quote it
        if not isinstance(content, dict):
            raise RecordError("It is not a JSON object.")
        algorithm = content.get("algorithm", "sha1")
        salt = content.get("password_salt")
        if not isinstance(salt, str) or not salt.isascii() or not salt:
            raise RecordError("Its password_salt is not a text of ASCII characters.")
        prefixes = Prefixes.parse(content["prefixes"]) if "prefixes" in content else EVERYTHING
        if algorithm == "sha1":
            return cls("sha1", _digest(content, _SHA1_LENGTH), salt, prefixes=prefixes)
        if algorithm == "scrypt":
            return cls("scrypt", _digest(content, _LENGTH), salt, *_cost(content), prefixes)
        raise RecordError("Its algorithm is not known here.")

    def to_json(self) -> str:
        """Write the record as it is stored, the hash and the salt in it."""
        content: dict[str, object] = {"password_hash": self.hash, "password_salt": self.salt}
        if not self.is_old:
            content |= {"algorithm": self.algorithm, "n": self.n, "r": self.r, "p": self.p}
        if self.prefixes != EVERYTHING:
            content["prefixes"] = self.prefixes.to_json()
        return json.dumps(content, indent=2)


def hash_password(
    password: str, salt_bytes: int = SALT_BYTES, prefixes: Prefixes = EVERYTHING
) -> Record:
    """Make the record of a password.

    Args:
        password: Any text; it is normalised to NFC (RFC 7617, section 2.1), since one key on two
            keyboards may give two sequences of code points.
        salt_bytes: How many random bytes the salt is made of.
        prefixes: What the user may read.

    Returns:
        A new record, with a salt of its own.
    """
    salt = secrets.token_urlsafe(salt_bytes)
    return Record("scrypt", _scrypt(password, salt, N, R, P).hex(), salt, prefixes=prefixes)


NOBODY: Final = Record("scrypt", secrets.token_hex(_LENGTH), secrets.token_urlsafe(SALT_BYTES))
"""The record of users who do not exist. No password has this hash."""


def verify(password: str, record: Record) -> bool:
    """Check a password.

    It takes the same work whatever format the record has, so that the time of an answer does not
    tell. A password with a NUL is never right: HMAC, which scrypt begins with, pads its key with
    NULs and so takes `x` and `x` followed by some for the same key.

    Args:
        password: As the client sent it.
        record: The user's, or `NOBODY`.

    Returns:
        Whether it is the user's password. Never when the record is `NOBODY`.
    """
    hashed = NOBODY if record.is_old else record
    digest = _scrypt(password, hashed.salt, hashed.n, hashed.r, hashed.p)
    matches = hmac.compare_digest(digest, bytes.fromhex(hashed.hash))
    if record.is_old:
        # As it was typed: s3pypi 1.x and 2.x did not normalise.
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
        raise RecordError("Its password_hash is not a hash of its algorithm, in hexadecimal.")
    return value.lower()


def _cost(content: Mapping[str, object]) -> tuple[int, int, int]:
    n, r, p = (content.get(name) for name in ("n", "r", "p"))
    if not (isinstance(n, int) and isinstance(r, int) and isinstance(p, int)) or min(n, r, p) < 1:
        raise RecordError("Its n, r and p are not positive whole numbers.")
    if n == 1 or n & (n - 1):
        raise RecordError("Its n is not a power of two above one.")
    if n * r * p > _MAX_WORK or 128 * r * (n + p + 2) > _MAX_MEMORY:
        raise RecordError("Its n, r and p ask for more than the edge can bear.")
    return int(n), int(r), int(p)
