"""Evaluate conditional and range requests (RFC 9110, sections 13 and 14), as CloudFront does. Pure.

The emulated S3 supports most of it, but not `If-Range`, lists of entity tags, and the weak tags of
compressed pages.
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
    """Send the whole object."""


@dataclass(frozen=True, slots=True)
class Part:
    """Send a range of the object, including both ends."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class NotModified:
    """Send 304, because the client's copy is current."""


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """Send 416, because the range begins after the end of the object, which has `size` bytes."""

    size: int


Selection = Whole | Part | NotModified | Unsatisfiable


def is_conditional(asked: Mapping[str, str]) -> bool:
    """Return whether a request may have another result than the whole object; see `select`.

    Args:
        asked: The request's headers, by name in lower case.
    """
    return not asked.keys().isdisjoint({"if-none-match", "if-modified-since", "range"})


def select(asked: Mapping[str, str], stored: Mapping[str, str]) -> Selection:
    """Return the response to a GET request.

    Args:
        asked: The request's headers, by name in lower case.
        stored: The object's headers: `etag` (strong), `last-modified`, `content-length`.

    Returns:
        What to send. Malformed and multiple ranges are ignored (section 14.2).
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
    if tags is not None:  # then If-Modified-Since is ignored, section 13.1.3
        return tags.strip() == "*" or stored["etag"] in _ETAG.findall(tags)
    since = _date(asked.get("if-modified-since"))
    modified = _date(stored["last-modified"])
    return since is not None and modified is not None and modified <= since


def _still_the_same(validator: str | None, stored: Mapping[str, str]) -> bool:
    """Return whether an If-Range matches: the strong tag or the exact date (section 13.1.5)."""
    return validator is None or validator.strip() in {stored["etag"], stored["last-modified"]}


def _date(value: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(value).astimezone(UTC) if value else None
    except (ValueError, OverflowError):
        return None
