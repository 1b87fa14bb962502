"""Who may come in, as of less than a minute ago.

All users are read together, by one request for each ten of them, and never one by the name that
somebody claims to have. So what an attacker sends makes no difference to the Parameter Store, which
refuses more than some 40 requests a second for the whole account: there is nothing to grow, to
evict or to flood, and a name that is not there costs as little as one that is. The price is that
the number of users is limited (`put_user.py` refuses the 101st).

Rejected: one look-up for each name with a cache that remembers misses as well. Random names miss
any cache that is bounded; to bound the look-ups instead locks out those who come late.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from basic_auth.errors import RecordError, StoreError, UsersUnavailableError
from basic_auth.names import is_user
from basic_auth.passwords import Record

USABLE_SECONDS: Final = 60.0
"""How long a change can go unnoticed, at most; also how long an outage of the store can."""
FRESH_SECONDS: Final = 30.0
"""When to read again; what was read serves on for the other half of the minute if that fails."""
PAUSE_SECONDS: Final = 5.0
"""How long to leave a store alone that has failed, however many requests come meanwhile."""
BUDGET_SECONDS: Final = 1.5
"""When to put off the rest of a long list to the next request: this one has passwords to check."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the users.

    Attributes:
        records: Their records as stored, by their names.
        next: What to ask for to get the next page; None when this is the last one.
    """

    records: Mapping[str, str]
    next: str | None = None


class Store(Protocol):
    """Where the users are kept."""

    def page(self, token: str | None) -> Page:
        """Read some of the users.

        Args:
            token: `next` of the page before; None for the first page.

        Raises:
            StoreError: It cannot be read.
        """


class Users:
    """The users of one deployment, for the life of a container."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        """Describe the users; nothing is read yet.

        Args:
            store: Where they are kept.
            clock: Seconds, by the wall: a container is frozen between its requests, and a clock
                that stands still meanwhile would keep a removed user for hours.
        """
        self._store = store
        self._clock = clock
        self._records: Mapping[str, Record] = {}
        self._as_of = -math.inf
        self._failed_at = -math.inf
        self._reading: _Reading | None = None

    def find(self, name: str) -> Record | None:
        """Find the record of a user.

        Args:
            name: Any text that somebody sent.

        Returns:
            The record, as it was less than `USABLE_SECONDS` ago; None when there is no such user or
            their record is unusable.

        Raises:
            UsersUnavailableError: Nothing is known that is young enough, whoever asks.
        """
        self.refresh()
        if not self._within(self._as_of, USABLE_SECONDS):
            self._records = {}
            raise UsersUnavailableError("The users cannot be read at present.")
        return self._records.get(name)

    def refresh(self) -> None:
        """Read the users again if it is time to; a failure is logged and tried again later."""
        fresh = self._within(self._as_of, FRESH_SECONDS)
        if fresh or self._within(self._failed_at, PAUSE_SECONDS):
            return
        try:
            self._read(self._clock())
        except StoreError as error:
            self._failed_at, self._reading = self._clock(), None
            _log.warning("The users cannot be read: %s", error)

    def _within(self, since: float, seconds: float) -> bool:
        # A clock that was set back says nothing about an age.
        return 0 <= self._clock() - since < seconds

    def _read(self, now: float) -> None:
        reading = self._reading
        if reading is None or not self._within(reading.since, FRESH_SECONDS):
            reading = _Reading(now, {})
        while True:
            page = self._store.page(reading.next)
            reading = _Reading(reading.since, {**reading.records, **page.records}, page.next)
            if page.next is None:
                break
            if not self._within(now, BUDGET_SECONDS):
                self._reading = reading
                return
        self._reading = None
        self._records = dict(_usable(reading.records))
        # When it was asked, not when it was answered: what was read may have changed since.
        self._as_of = reading.since


@dataclass(frozen=True, slots=True)
class _Reading:
    """A list of which some pages have been read."""

    since: float
    records: Mapping[str, str]
    next: str | None = None


def _usable(records: Mapping[str, str]) -> Mapping[str, Record]:
    usable = {}
    for name, text in records.items():
        if not is_user(name):
            continue
        try:
            usable[name] = Record.parse(text)
        except RecordError as error:
            _log.error("The record of user %s is unusable: %s", name, error)
    return usable
