"""Whether a password is right, without hashing the same password again and again."""

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable

from basic_auth.credentials import Credentials
from basic_auth.passwords import NOBODY, Record, verify
from basic_auth.prefixes import Prefixes
from basic_auth.recent import Recent

_log = logging.getLogger(__name__)


class Authenticator:
    """Checks passwords, for the life of a container.

    A verdict is remembered by a keyed hash (HMAC-SHA-256) of the name, the password and the record
    that it was checked against; the key is random and never leaves the container. Another record
    has another hash, so a verdict ends with its record. Right and wrong passwords are remembered
    apart, so that guesses do not push out the passwords of readers. A missing user is checked
    against the record of nobody, by the same steps, so that the time of an answer does not tell
    which users exist.
    """

    def __init__(self, find: Callable[[str], Record | None]) -> None:
        """Describe the check.

        Args:
            find: Gives a user's record, such as `Directory.user`.
        """
        self._find = find
        self._secret = secrets.token_bytes(32)
        self._right: Recent[bool] = Recent()
        self._wrong: Recent[bool] = Recent()

    def prefixes(self, credentials: Credentials) -> Prefixes | None:
        """Check credentials.

        Args:
            credentials: What the client sent.

        Returns:
            What the user may read; None if there is no such user or the password is wrong.

        Raises:
            UnavailableError: It cannot be known at present.
        """
        record = self._find(credentials.user) or NOBODY
        mark = self._mark(credentials, record)
        if self._right.get(mark):
            return record.prefixes
        if self._wrong.get(mark):
            return None
        if not verify(credentials.password, record):
            self._wrong.add(mark, value=True)
            return None
        self._right.add(mark, value=True)
        if record.is_old:
            _log.warning(
                "User %s has a password of s3pypi 1.x or 2.x (salted SHA-1):"
                " replace it with put_user.py --overwrite.",
                credentials.user,
            )
        return record.prefixes

    def _mark(self, credentials: Credentials, record: Record) -> bytes:
        text = json.dumps([credentials.user, credentials.password])
        return hmac.digest(self._secret, record.fingerprint + text.encode(), hashlib.sha256)
