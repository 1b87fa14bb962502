"""Parse project names, versions, prefixes, reasons, counts and ages from the command line."""

import re
import unicodedata
from datetime import timedelta

from packaging.utils import InvalidName, NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from s3pypi.errors import UsageError
from s3pypi.layout import MAX_PREFIX
from s3pypi.markers import MAX_REASON


def parse_project(text: str) -> NormalizedName:
    """Return the normalized form of a project name.

    Raises:
        UsageError: The name is invalid.
    """
    try:
        # packaging's pattern ignores case, and so allows some letters outside of ASCII.
        return canonicalize_name(text if text.isascii() else "", validate=True)
    except InvalidName as error:
        raise UsageError(f"not a project's name: {text!r}") from error


def parse_version(text: str) -> Version:
    """Parse a version.

    Raises:
        UsageError: The version is invalid (PEP 440).
    """
    try:
        return Version(text)
    except InvalidVersion as error:
        raise UsageError(f"not a version: {text!r}") from error


def parse_prefix(text: str) -> str:
    """Return the prefix of an index as it appears in keys: without slashes around it, or empty.

    Args:
        text: The text of the option, such as `/team/`; may be empty.

    Raises:
        UsageError: A segment is empty, `.` or `..`, or contains a control character, a backslash or
            a surrogate; or the prefix is longer than `layout.MAX_PREFIX`.
    """
    prefix = text.strip("/")
    if prefix and (
        any(segment in {"", ".", ".."} for segment in prefix.split("/"))
        or re.search(r"[\x00-\x1f\x7f\\\ud800-\udfff]", prefix)
    ):
        raise UsageError(f"not a prefix: {text!r}; write it like 'team/stable', in UTF-8")
    if len(prefix.encode()) > MAX_PREFIX:
        raise UsageError(f"not a prefix: it is longer than {MAX_PREFIX} bytes")
    return prefix


def parse_reason(text: str) -> str:
    """Return a reason without surrounding white space.

    Raises:
        UsageError: It is longer than `markers.MAX_REASON`, or not one line of text.
    """
    reason = text.strip()
    for character in reason:
        # Control characters, surrogates, and Unicode's line and paragraph separators.
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            raise UsageError(f"a reason is one line of plain text; this one has {character!r}")
    if len(reason) > MAX_REASON:
        raise UsageError(
            f"a reason has at most {MAX_REASON} characters; this one has {len(reason)}"
        )
    return reason


def parse_count(text: str) -> int:
    """Return a number of things, of which there is at least one.

    Raises:
        UsageError: It is not such a number.
    """
    if not (text.isdecimal() and int(text)):
        raise UsageError(f"not a positive number: {text!r}")
    return int(text)


def parse_age(text: str) -> timedelta:
    """Return an age of whole days or weeks, such as `90d` or `12w`.

    Raises:
        UsageError: It is not one, or is a million days or more.
    """
    units = {"d": 1, "w": 7}
    if not (text[:-1].isdecimal() and text[-1] in units and len(text) < 7):  # noqa: PLR2004
        raise UsageError(f"not an age such as 90d or 12w: {text!r}")
    return timedelta(days=int(text[:-1]) * units[text[-1]])
