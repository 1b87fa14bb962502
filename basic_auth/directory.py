"""The users and the issuers of tokens, as they were less than a minute ago.

All of them are read together, by one request for each ten, and never one by the name that a client
sends. So what an attacker sends makes no difference to the Parameter Store, which refuses more than
some 40 requests a second for the whole account: there is nothing to grow, to evict or to flood, and
a missing name costs as little as a known one. The price is that the number of users is limited
(`put_user.py` refuses the 101st).

Rejected: one look-up for each name with a cache that remembers misses as well. Random names miss
any cache that is bounded; to bound the look-ups instead locks out those who come late.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from basic_auth.errors import RecordError, StoreError, UsersUnavailableError
from basic_auth.issuers import MAX_ISSUERS, Issuer
from basic_auth.names import ISSUERS, USERS, is_user
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
    """Some of the records.

    Attributes:
        records: The records as stored, by their names below the domain's path, such as
            `users/alice` and `issuers/aws`.
        next: What to ask for to get the next page; None when this is the last one.
    """

    records: Mapping[str, str]
    next: str | None = None


class Store(Protocol):
    """Where the records are kept."""

    def page(self, token: str | None) -> Page:
        """Read some of the records.

        Args:
            token: `next` of the page before; None for the first page.

        Raises:
            StoreError: It cannot be read.
        """


class Directory:
    """The users and issuers of one deployment, for the life of a container."""

    def __init__(self, store: Store, domain: str, clock: Callable[[], float] = time.time) -> None:
        """Describe the directory; nothing is read yet.

        Args:
            store: Where its records are kept.
            domain: The index's, which every issuer's audience must be.
            clock: Seconds, by the wall: a container is frozen between its requests, and a clock
                that stands still meanwhile would keep a removed user for hours.
        """
        self._store = store
        self._domain = domain
        self._clock = clock
        self._users: Mapping[str, Record] = {}
        self._issuers: Mapping[str, Issuer] = {}
        self._as_of = -math.inf
        self._failed_at = -math.inf
        self._reading: _Reading | None = None

    def user(self, name: str) -> Record | None:
        """Find the record of a user.

        Args:
            name: Any text that a client sent.

        Returns:
            The record, as it was less than `USABLE_SECONDS` ago; None when there is no such user or
            their record is unusable.

        Raises:
            UsersUnavailableError: Nothing is known that is young enough, whoever asks.
        """
        self._check()
        return self._users.get(name)

    def issuers(self) -> Mapping[str, Issuer]:
        """Give the issuers by their URLs, as they were less than `USABLE_SECONDS` ago.

        Raises:
            UsersUnavailableError: Nothing is known that is young enough.
        """
        self._check()
        return self._issuers

    def refresh(self) -> None:
        """Read the records again if it is time to; a failure is logged and tried again later."""
        fresh = self._within(self._as_of, FRESH_SECONDS)
        if fresh or self._within(self._failed_at, PAUSE_SECONDS):
            return
        try:
            self._read(self._clock())
        except StoreError as error:
            self._failed_at, self._reading = self._clock(), None
            _log.warning("The users cannot be read: %s", error)

    def _check(self) -> None:
        self.refresh()
        if not self._within(self._as_of, USABLE_SECONDS):
            self._users, self._issuers = {}, {}
            raise UsersUnavailableError("The users cannot be read at present.")

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
        self._users = _users(reading.records)
        self._issuers = _issuers(reading.records, self._domain)
        # When it was asked, not when it was answered: what was read may have changed since.
        self._as_of = reading.since


@dataclass(frozen=True, slots=True)
class _Reading:
    """A list of which some pages have been read."""

    since: float
    records: Mapping[str, str]
    next: str | None = None


def _users(records: Mapping[str, str]) -> dict[str, Record]:
    users = {}
    for name, text in _below(USERS, records):
        try:
            users[name] = Record.parse(text)
        except RecordError as error:
            _log.error("The record of user %s is unusable: %s", name, error)
    return users


def _issuers(records: Mapping[str, str], domain: str) -> dict[str, Issuer]:
    issuers: dict[str, Issuer] = {}
    for name, text in _below(ISSUERS, records):
        try:
            issuer = Issuer.parse(text, domain)
        except RecordError as error:
            _log.error("The record of issuer %s is unusable: %s", name, error)
            continue
        if issuer.url in issuers:
            _log.error("The record of issuer %s is ignored: another is about its issuer.", name)
        elif len(issuers) == MAX_ISSUERS:
            _log.error("The record of issuer %s is ignored: there are %s.", name, MAX_ISSUERS)
        else:
            issuers[issuer.url] = issuer
    return issuers


def _below(directory: str, records: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path, text in sorted(records.items()):
        parent, _, name = path.partition("/")
        if parent == directory and is_user(name):
            yield name, text
