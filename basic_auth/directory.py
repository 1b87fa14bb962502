"""The users and token issuers of a deployment, cached for less than a minute.

All records are read together, ten in a request, and never one by one by the name that a client
sends. So clients cannot cause requests to Parameter Store, which allows some 40 requests a second
for the whole account. The number of users is limited for this reason: `put_user.py` refuses the
101st.

Rejected: one lookup for each name, with a cache of hits and misses. Random names miss any bounded
cache, and a limit on the number of lookups would lock out legitimate users.
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
"""How long cached records are used: the maximum delay of a change, and the longest outage of
Parameter Store that readers do not notice."""
FRESH_SECONDS: Final = 30.0
"""The age at which records are read again. If that fails, cached ones stay in use until
`USABLE_SECONDS`."""
PAUSE_SECONDS: Final = 5.0
"""The pause after a failed read, no matter how many requests arrive."""
BUDGET_SECONDS: Final = 1.5
"""How long one request may spend on reading; the next request reads the remaining pages."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the stored records.

    Attributes:
        records: The records as stored, by name relative to the domain's path, such as
            `users/alice` and `issuers/aws`.
        next: The token of the next page; None on the last page.
    """

    records: Mapping[str, str]
    next: str | None = None


class Store(Protocol):
    """A store of records, such as `parameters.ParameterStore`."""

    def page(self, token: str | None) -> Page:
        """Read one page of the records.

        Args:
            token: `next` of the previous page; None for the first page.

        Raises:
            StoreError: The store cannot be read.
        """


class Directory:
    """The users and issuers of one deployment; one instance serves a container for its lifetime."""

    def __init__(self, store: Store, domain: str, clock: Callable[[], float] = time.time) -> None:
        """Create the directory without reading anything.

        Args:
            store: Where the records are stored.
            domain: The domain of the index, which must be the audience of every issuer.
            clock: Returns the wall-clock time in seconds. Lambda freezes a container between
                requests; a monotonic clock may stop meanwhile, and removed users would stay valid
                for hours.
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
        """Return the record of a user.

        Args:
            name: The user name that a client sent.

        Returns:
            The record, at most `USABLE_SECONDS` old; None if there is no such user or the record is
            invalid.

        Raises:
            UsersUnavailableError: The cached records are too old and cannot be read again.
        """
        self._check()
        return self._users.get(name)

    def issuers(self) -> Mapping[str, Issuer]:
        """Return the issuers by URL, at most `USABLE_SECONDS` old.

        Raises:
            UsersUnavailableError: The cached records are too old and cannot be read again.
        """
        self._check()
        return self._issuers

    def refresh(self) -> None:
        """Read the records again if they are due; log a failure and retry later."""
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
        # If the clock was set back, the age is unknown.
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
        # The time of the request, because a record may have changed after it was read.
        self._as_of = reading.since


@dataclass(frozen=True, slots=True)
class _Reading:
    """A read in progress, of which some pages have arrived."""

    since: float
    records: Mapping[str, str]
    next: str | None = None


def _users(records: Mapping[str, str]) -> dict[str, Record]:
    users = {}
    for name, text in _below(USERS, records):
        try:
            users[name] = Record.parse(text)
        except RecordError as error:
            _log.error("The record of user %s is invalid: %s", name, error)
    return users


def _issuers(records: Mapping[str, str], domain: str) -> dict[str, Issuer]:
    issuers: dict[str, Issuer] = {}
    for name, text in _below(ISSUERS, records):
        try:
            issuer = Issuer.parse(text, domain)
        except RecordError as error:
            _log.error("The record of issuer %s is invalid: %s", name, error)
            continue
        if issuer.url in issuers:
            _log.error("The record of issuer %s is ignored: another record has its URL.", name)
        elif len(issuers) == MAX_ISSUERS:
            _log.error("The record of issuer %s is ignored: %s is the limit.", name, MAX_ISSUERS)
        else:
            issuers[issuer.url] = issuer
    return issuers


def _below(directory: str, records: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path, text in sorted(records.items()):
        parent, _, name = path.partition("/")
        if parent == directory and is_user(name):
            yield name, text
