"""The issuers' public keys, for the life of a container.

A key set is read when the container starts, when a token names a key that is not in it, and when it
is an hour old (a key that an issuer has withdrawn must not live as long as a busy container), but
never more often than once a minute for each issuer. If that fails, the keys that are known go on
working.
"""

import json
import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from basic_auth.errors import KeySetError, KeysUnavailableError
from basic_auth.public_keys import PublicKey

PAUSE_SECONDS: Final = 60.0
"""How long to leave an issuer alone after its key set was asked for."""
FRESH_SECONDS: Final = 3600.0
"""When to read a key set again although it has the key that is wanted."""
START_SECONDS: Final = 3.0
"""When to leave the remaining key sets to the first tokens that need them."""

_MAX_KEYS = 100

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _KeySet:
    keys: Mapping[str, PublicKey] = field(default_factory=dict)
    as_of: float = -math.inf
    asked_at: float = -math.inf
    failed: bool = False


class KeySets:
    """The key sets of all issuers, by their URLs."""

    def __init__(
        self, fetch: Callable[[str], bytes], clock: Callable[[], float] = time.time
    ) -> None:
        """Describe the key sets; nothing is read yet.

        Args:
            fetch: Gets a document, such as `key_fetch.fetch`; raises `KeySetError`.
            clock: Epoch seconds.
        """
        self._fetch = fetch
        self._clock = clock
        self._sets: dict[str, _KeySet] = {}

    def find(self, url: str, key_id: str) -> PublicKey | None:
        """Find a key.

        Args:
            url: The key set's.
            key_id: The key's `kid`.

        Returns:
            The key; None when the issuer has no such key.

        Raises:
            KeysUnavailableError: The key is unknown, and the key set cannot be read now.
        """
        known = self._sets.setdefault(url, _KeySet())
        if key_id not in known.keys or not self._within(known.as_of, FRESH_SECONDS):
            self._refresh(url, known)
        key = known.keys.get(key_id)
        if key is None and known.failed:
            wait = known.asked_at + PAUSE_SECONDS - self._clock()
            raise KeysUnavailableError(
                "The issuer's keys cannot be read at present.", max(1, math.ceil(wait))
            )
        return key

    def start(self, urls: Iterable[str]) -> None:
        """Read the key sets that will be needed, as far as there is time; never fails.

        Args:
            urls: Their URLs.
        """
        begun = self._clock()
        for url in urls:
            if not self._within(begun, START_SECONDS):
                return
            self._refresh(url, self._sets.setdefault(url, _KeySet()))

    def _refresh(self, url: str, known: _KeySet) -> None:
        if self._within(known.asked_at, PAUSE_SECONDS):
            return
        known.asked_at = self._clock()
        try:
            known.keys, known.failed = parse_key_set(self._fetch(url)), False
            known.as_of = known.asked_at
        except KeySetError as error:
            known.failed = True
            _log.warning("The key set %s cannot be read: %s", url, error)

    def _within(self, since: float, seconds: float) -> bool:
        # A clock that was set back says nothing about an age.
        return 0 <= self._clock() - since < seconds


def parse_key_set(document: bytes) -> dict[str, PublicKey]:
    """Read a JSON Web Key Set (RFC 7517, section 5).

    Args:
        document: The document.

    Returns:
        The keys that can verify RS256, by their `kid`. Keys of other kinds are left out; of a `kid`
        that stands for several keys, all are.

    Raises:
        KeySetError: It is not a key set, or it has too many keys.
    """
    try:
        content = json.loads(document)
        entries = content["keys"]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise KeySetError("it is not a JSON Web Key Set") from None
    if not isinstance(entries, list) or len(entries) > _MAX_KEYS:
        raise KeySetError(f"it is not a list of at most {_MAX_KEYS} keys")
    keys: dict[str, PublicKey] = {}
    twice = set()
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
            continue
        key = PublicKey.from_jwk(entry)
        if key is None:
            continue
        if keys.setdefault(entry["kid"], key) != key:
            twice.add(entry["kid"])
    return {key_id: key for key_id, key in keys.items() if key_id not in twice}
