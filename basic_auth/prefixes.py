"""The prefixes that a reader may read, with the same rules for passwords and tokens. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from basic_auth.errors import RecordError

# Characters that CloudFront and S3 treat the same, whether percent-encoded or not.
_SEGMENT = re.compile(r"[A-Za-z0-9_.-]{1,255}", re.ASCII)
_MAX_PREFIXES = 50


@dataclass(frozen=True, slots=True)
class Prefixes:
    """A set of path prefixes.

    Attributes:
        paths: The segments of each prefix; an empty tuple is the whole index.
    """

    paths: frozenset[tuple[str, ...]]

    @classmethod
    def parse(cls, values: object) -> "Prefixes":
        """Parse a list of prefixes.

        Args:
            values: A list of strings such as `team/` or `team/dev`; `/` is the whole index. Leading
                and trailing slashes are ignored.

        Returns:
            The prefixes.

        Raises:
            RecordError: The value is not such a list, or is empty.
        """
        if not isinstance(values, list) or not 0 < len(values) <= _MAX_PREFIXES:
            raise RecordError(f"Its prefixes are not a list of 1 to {_MAX_PREFIXES} strings.")
        return cls(frozenset(_segments(value) for value in values))

    def __or__(self, other: "Prefixes") -> "Prefixes":
        return Prefixes(self.paths | other.paths)

    def to_json(self) -> list[str]:
        """Return the prefixes as a sorted list, as `parse` accepts it."""
        return sorted("/".join([*segments, ""]) or "/" for segments in self.paths)

    def allow(self, path: str) -> bool:
        """Return whether an object may be read.

        Whole percent-decoded segments are compared: `team` matches neither `teamx` nor `Team`.

        Args:
            path: The path of the object, as returned by `negotiation.negotiate`, which refuses dot
                segments, empty directories and encoded slashes.
        """
        segments = tuple(map(unquote, path[1:].split("/")))
        # The last segment is the object's name and not a directory.
        return any(segments[:-1][: len(each)] == each for each in self.paths)


EVERYTHING = Prefixes(frozenset({()}))
"""Access to the whole index."""

NOTHING = Prefixes(frozenset())
"""Access to nothing."""


def union(every: Iterable[Prefixes]) -> Prefixes:
    """Return the union of several sets of prefixes; `NOTHING` if there are none."""
    found = NOTHING
    for each in every:
        found |= each
    return found


def _segments(value: object) -> tuple[str, ...]:
    if not isinstance(value, str):
        raise RecordError("One of its prefixes is not a string.")
    text = value.removeprefix("/").removesuffix("/")
    segments = tuple(text.split("/")) if text else ()
    if (not text and value != "/") or not all(map(_is_segment, segments)):
        raise RecordError(
            f"{value!r} is not a prefix: separate names of letters, digits, '.', '-' and '_' by"
            " slashes, or use '/' for the whole index."
        )
    return segments


def _is_segment(text: str) -> bool:
    return bool(_SEGMENT.fullmatch(text)) and text not in {".", ".."}
