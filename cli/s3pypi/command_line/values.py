"""Values that users type: project names, versions, prefixes and reasons."""

import unicodedata

from packaging.utils import InvalidName, NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from s3pypi.errors import UsageError
from s3pypi.layout import InvalidPrefixError, check_prefix
from s3pypi.markers import MAX_REASON


def parse_project(text: str) -> NormalizedName:
    """Return the normalised form of a project's name.

    Raises:
        UsageError: It is not a valid name.
    """
    try:
        # The pattern ignores case, which lets letters through that are none of ASCII's.
        return canonicalize_name(text if text.isascii() else "", validate=True)
    except InvalidName as error:
        raise UsageError(f"not a project's name: {text!r}") from error


def parse_version(text: str) -> Version:
    """Return a version.

    Raises:
        UsageError: It is not a valid one (PEP 440).
    """
    try:
        return Version(text)
    except InvalidVersion as error:
        raise UsageError(f"not a version: {text!r}") from error


def parse_prefix(text: str) -> str:
    """Return an index's prefix as keys contain it: without slashes around it, or empty.

    Args:
        text: What the user wrote, for example `/team/` or nothing.

    Raises:
        UsageError: It is not a prefix; see `layout.check_prefix`.
    """
    try:
        return check_prefix(text.strip("/"))
    except InvalidPrefixError as error:
        raise UsageError(f"not a prefix: {text!r}; {error}") from error


def parse_reason(text: str) -> str:
    """Return a reason without the space around it.

    Raises:
        UsageError: It is longer than `markers.MAX_REASON`, or not one line of text.
    """
    reason = text.strip()
    for character in reason:
        # Controls, what is no UTF-8, and Unicode's own separators of lines and paragraphs.
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            raise UsageError(f"a reason is one line of plain text; this one has {character!r}")
    if len(reason) > MAX_REASON:
        raise UsageError(
            f"a reason has at most {MAX_REASON} characters; this one has {len(reason)}"
        )
    return reason
