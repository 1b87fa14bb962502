"""Whether somebody is who they say they are, without hashing the same password again and again."""

import hashlib
import hmac
import json
import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from basic_auth.credentials import Credentials
from basic_auth.passwords import Record, verify

REMEMBERED: Final = 1024
"""How many verdicts of each kind are remembered; the least recently used goes first."""

_log = logging.getLogger(__name__)


class Authenticator:
    """Checks credentials, for the life of a container.

    A verdict is remembered by a keyed hash (HMAC-SHA-256) of the name, the password and the record
    that it was checked against; the key is random and never leaves the container. Another record is
    another hash, so a verdict ends with the record that it was about. Right and wrong are
    remembered apart: nobody's guesses push out what others have proved.
    """

    def __init__(self, find: Callable[[str], Record | None]) -> None:
        """Describe the check.

        Args:
            find: Gives a user's record, such as `Users.find`.
        """
        self._find = find
        self._key = secrets.token_bytes(32)
        self._right = _Recent()
        self._wrong = _Recent()

    def admits(self, credentials: Credentials) -> bool:
        """Check credentials.

        Args:
            credentials: What somebody sent.

        Returns:
            Whether there is such a user and this is their password.

        Raises:
            UsersUnavailableError: It cannot be known at present.
        """
        record = self._find(credentials.user)
        mark = self._mark(credentials, record)
        if mark in self._right:
            return True
        if mark in self._wrong:
            return False
        if not verify(credentials.password, record):
            self._wrong.add(mark)
            return False
        self._right.add(mark)
        if record and record.is_old:
            _log.warning(
                "User %s has a password of s3pypi 1.x or 2.x (salted SHA-1):"
                " replace it with put_user.py --overwrite.",
                credentials.user,
            )
        return True

    def _mark(self, credentials: Credentials, record: Record | None) -> bytes:
        stored = record and record.to_json()
        text = json.dumps([credentials.user, credentials.password, stored])
        return hmac.digest(self._key, text.encode(), hashlib.sha256)


class _Recent:
    """The last few things that were added or asked for."""

    def __init__(self) -> None:
        self._items: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, item: bytes) -> bool:
        if item not in self._items:
            return False
        self._items.move_to_end(item)
        return True

    def add(self, item: bytes) -> None:
        self._items[item] = None
        if len(self._items) > REMEMBERED:
            self._items.popitem(last=False)
