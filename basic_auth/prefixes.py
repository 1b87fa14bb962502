"""Which parts of the index somebody may read: one rule for passwords and tokens; pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from basic_auth.errors import RecordError

# Characters that mean the same encoded and decoded, to CloudFront and to S3.
_SEGMENT = re.compile(r"[A-Za-z0-9_.-]{1,255}", re.ASCII)
_MAX_PREFIXES = 50


@dataclass(frozen=True, slots=True)
class Prefixes:
    """A set of prefixes of paths.

    Attributes:
        paths: Each prefix as its segments; no segments mean the whole index.
    """

    paths: frozenset[tuple[str, ...]]

    @classmethod
    def parse(cls, values: object) -> "Prefixes":
        """Read a list of prefixes.

        Args:
            values: A list of strings such as `team/` or `team/dev`; `/` means the whole index.
                Slashes at either end make no difference.

        Returns:
            The prefixes.

        Raises:
            RecordError: It is not such a list, or it is empty.
        """
        if not isinstance(values, list) or not 0 < len(values) <= _MAX_PREFIXES:
            raise RecordError(f"Its prefixes are not a list of 1 to {_MAX_PREFIXES} strings.")
        return cls(frozenset(_segments(value) for value in values))

    def __or__(self, other: "Prefixes") -> "Prefixes":
        return Prefixes(self.paths | other.paths)

    def to_json(self) -> list[str]:
        """Give the list that `parse` reads, sorted."""
        return sorted("/".join([*segments, ""]) or "/" for segments in self.paths)

    def allow(self, path: str) -> bool:
        """Whether an object may be read.

        Prefixes are compared by whole segments, after percent-decoding: `team` is neither `teamx`
        nor `Team`, and no segment contains a slash.

        Args:
            path: The path that `negotiation.negotiate` decided on, beginning with a slash. Dot
                segments, empty directories and encoded slashes are refused there.
        """
        segments = tuple(map(unquote, path[1:].split("/")))
        # The last segment is the object's own name: it is in a directory, and is none itself.
        return any(segments[:-1][: len(each)] == each for each in self.paths)


EVERYTHING = Prefixes(frozenset({()}))
"""The whole index."""

NOTHING = Prefixes(frozenset())
"""No part of the index."""


def union(every: Iterable[Prefixes]) -> Prefixes:
    """Give what all of these allow together; `NOTHING` if there are none."""
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
            f"{value!r} is not a prefix: give names of letters, digits, '.', '-' and '_' with"
            " slashes between them, or '/' for the whole index."
        )
    return segments


def _is_segment(text: str) -> bool:
    return bool(_SEGMENT.fullmatch(text)) and text not in {".", ".."}
