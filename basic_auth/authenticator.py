"""Check passwords, and cache the results so that a password is hashed only once."""

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable

from basic_auth.credentials import Credentials
from basic_auth.lru_cache import LruCache
from basic_auth.passwords import NOBODY, Record, verify
from basic_auth.prefixes import Prefixes

_log = logging.getLogger(__name__)


class Authenticator:
    """Checks passwords; one instance serves a container for its lifetime.

    Results are cached by a keyed hash (HMAC-SHA-256) of the user's name, the password and the
    stored record. The key is random and never leaves the container. When a record changes, so does
    the hash, and cached results for the old record no longer apply. Right and wrong passwords have
    separate caches, so that an attacker's guesses cannot evict the passwords of readers. An unknown
    user is checked in the same steps against a dummy record, so that response times do not reveal
    which users exist.
    """

    def __init__(self, find: Callable[[str], Record | None]) -> None:
        """Create an authenticator.

        Args:
            find: Returns a user's record, or None; for example `Directory.user`.
        """
        self._find = find
        self._secret = secrets.token_bytes(32)
        self._right: LruCache[bool] = LruCache()
        self._wrong: LruCache[bool] = LruCache()

    def prefixes(self, credentials: Credentials) -> Prefixes | None:
        """Check credentials.

        Args:
            credentials: The credentials that the client sent.

        Returns:
            The prefixes that the user may read; None if the user is unknown or the password is
            wrong.

        Raises:
            UnavailableError: The users cannot be read at the moment.
        """
        record = self._find(credentials.user) or NOBODY
        cache_key = self._cache_key(credentials, record)
        if self._right.get(cache_key):
            return record.prefixes
        if self._wrong.get(cache_key):
            return None
        if not verify(credentials.password, record):
            self._wrong.add(cache_key, value=True)
            return None
        self._right.add(cache_key, value=True)
        if record.is_old:
            _log.warning(
                "The password of user %s is stored as by s3pypi 1.x or 2.x (salted SHA-1):"
                " replace it with put_user.py --overwrite.",
                credentials.user,
            )
        return record.prefixes

    def _cache_key(self, credentials: Credentials, record: Record) -> bytes:
        text = json.dumps([credentials.user, credentials.password])
        return hmac.digest(self._secret, record.fingerprint + text.encode(), hashlib.sha256)
