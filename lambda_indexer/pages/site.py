"""The properties of a deployment that its pages show."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Site:
    """The properties of a deployment that its pages show, from its settings.

    Attributes:
        domain: the domain that the index is served at; empty if it is not known.
        prefixes: the declared indexes, each slash-terminated.
        show_uploaders: whether pages say who uploaded each file.
        session: the name of the function's own sessions, in which it copies files.
    """

    domain: str = ""
    prefixes: frozenset[str] = frozenset()
    show_uploaders: bool = False
    session: str = ""

    def title(self, path: str) -> str:
        """The display name of an index.

        Args:
            path: of the index; empty or slash-terminated.
        """
        return "/".join(filter(None, (self.domain, path.rstrip("/")))) or "Python packages"

    def below(self, path: str) -> Iterator[str]:
        """The paths of the declared indexes below an index, relative to it, in order."""
        for prefix in sorted(self.prefixes):
            if prefix.startswith(path) and prefix != path:
                yield prefix.removeprefix(path)


NOWHERE: Final = Site()
"""A deployment of which nothing is known."""
