"""The issuers' public keys, cached for the lifetime of a container.

A key set is read when the container starts, when a token names an unknown key, and when it is an
hour old, so that a busy container notices withdrawn keys. It is read at most once a minute for
each issuer. If reading fails, the cached keys stay in use.
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
"""The minimum time between two requests for a key set."""
FRESH_SECONDS: Final = 3600.0
"""The age at which a key set is read again even if it has the wanted key."""
START_SECONDS: Final = 3.0
"""How long `start` may take; remaining key sets are read when a token needs them."""

_MAX_KEYS = 100

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _KeySet:
    keys: Mapping[str, PublicKey] = field(default_factory=dict)
    as_of: float = -math.inf
    requested_at: float = -math.inf
    failed: bool = False


class KeySets:
    """The key sets of all issuers, by URL."""

    def __init__(
        self, fetch: Callable[[str], bytes], clock: Callable[[], float] = time.time
    ) -> None:
        """Create the cache without reading anything.

        Args:
            fetch: Fetches a document, such as `key_fetch.fetch`; raises `KeySetError`.
            clock: Returns epoch seconds.
        """
        self._fetch = fetch
        self._clock = clock
        self._sets: dict[str, _KeySet] = {}

    def find(self, url: str, key_id: str) -> PublicKey | None:
        """Return a key.

        Args:
            url: The URL of the key set.
            key_id: The key's `kid`.

        Returns:
            The key; None if the issuer has no such key.

        Raises:
            KeysUnavailableError: The key is not cached, and the key set cannot be read.
        """
        known = self._sets.setdefault(url, _KeySet())
        if key_id not in known.keys or not self._within(known.as_of, FRESH_SECONDS):
            self._refresh(url, known)
        key = known.keys.get(key_id)
        if key is None and known.failed:
            wait = known.requested_at + PAUSE_SECONDS - self._clock()
            raise KeysUnavailableError(
                "The issuer's keys cannot be read at present.", max(1, math.ceil(wait))
            )
        return key

    def start(self, urls: Iterable[str]) -> None:
        """Read the key sets, within `START_SECONDS`. Failures are logged and not raised.

        Args:
            urls: The URLs of the key sets.
        """
        started = self._clock()
        for url in urls:
            if not self._within(started, START_SECONDS):
                return
            self._refresh(url, self._sets.setdefault(url, _KeySet()))

    def _refresh(self, url: str, known: _KeySet) -> None:
        if self._within(known.requested_at, PAUSE_SECONDS):
            return
        known.requested_at = self._clock()
        try:
            known.keys, known.failed = parse_key_set(self._fetch(url)), False
            known.as_of = known.requested_at
        except KeySetError as error:
            known.failed = True
            _log.warning("The key set %s cannot be read: %s", url, error)

    def _within(self, since: float, seconds: float) -> bool:
        # If the clock was set back, the age is unknown.
        return 0 <= self._clock() - since < seconds


def parse_key_set(document: bytes) -> dict[str, PublicKey]:
    """Parse a JSON Web Key Set (RFC 7517, section 5).

    Args:
        document: The JSON document.

    Returns:
        The RS256 keys by `kid`. Other kinds of keys are left out, and so is a `kid` that
        several different keys have.

    Raises:
        KeySetError: The document is not a key set, or has too many keys.
    """
    try:
        content = json.loads(document)
        entries = content["keys"]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise KeySetError("it is not a JSON Web Key Set") from None
    if not isinstance(entries, list) or len(entries) > _MAX_KEYS:
        raise KeySetError(f"it is not a list of at most {_MAX_KEYS} keys")
    keys: dict[str, PublicKey] = {}
    ambiguous = set()
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
            continue
        key = PublicKey.from_jwk(entry)
        if key is None:
            continue
        if keys.setdefault(entry["kid"], key) != key:
            ambiguous.add(entry["kid"])
    return {key_id: key for key_id, key in keys.items() if key_id not in ambiguous}
