"""Which part of an object answers a GET: all, a range, or nothing because the client has it.

RFC 9110, sections 13 (conditions) and 14 (ranges), as far as CloudFront goes. The emulated S3 could
do most of it, but not `If-Range`, lists of entity tags, or the weak tags of compressed pages.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))", re.IGNORECASE)
_ETAG = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True, slots=True)
class Whole:
    """Send all of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """Send a range of it, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class NotModified:
    """Send 304: the client's copy is good."""


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """Send 416: the range begins after the end of so many bytes."""

    size: int


Selection = Whole | Part | NotModified | Unsatisfiable


def is_conditional(asked: Mapping[str, str]) -> bool:
    """Say whether a request may be answered with anything but the whole object.

    Args:
        asked: The request's headers, by their names in lower case.

    Returns:
        Whether `select` must be asked.
    """
    return not asked.keys().isdisjoint({"if-none-match", "if-modified-since", "range"})


def select(asked: Mapping[str, str], stored: Mapping[str, str]) -> Selection:
    """Decide what a GET is answered with.

    Args:
        asked: The request's headers, by their names in lower case.
        stored: The object's: `etag` (strong), `last-modified`, `content-length`.

    Returns:
        What to send. A range that is malformed, or more than one, is no range (section 14.2).
    """
    if _client_has_it(asked, stored):
        return NotModified()
    match = _RANGE.fullmatch(asked.get("range", "").strip())
    if not match or not _still_the_same(asked.get("if-range"), stored):
        return Whole()
    size = int(stored["content-length"])
    first, last, suffix = (int(number) if number else None for number in match.groups())
    if suffix is not None:
        first = max(0, size - suffix) if suffix else size
    if first is None or (last is not None and last < first):
        return Whole()
    if first >= size:
        return Unsatisfiable(size)
    return Part(first, size - 1 if last is None else min(last, size - 1))


def _client_has_it(asked: Mapping[str, str], stored: Mapping[str, str]) -> bool:
    tags = asked.get("if-none-match")
    if tags is not None:  # which makes If-Modified-Since void, section 13.1.3
        return tags.strip() == "*" or stored["etag"] in _ETAG.findall(tags)
    since = _date(asked.get("if-modified-since"))
    modified = _date(stored["last-modified"])
    return since is not None and modified is not None and modified <= since


def _still_the_same(validator: str | None, stored: Mapping[str, str]) -> bool:
    """Compare an If-Range: exactly the strong tag or exactly the date (section 13.1.5)."""
    return validator is None or validator.strip() in {stored["etag"], stored["last-modified"]}


def _date(value: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(value).astimezone(UTC) if value else None
    except (ValueError, OverflowError):
        return None
