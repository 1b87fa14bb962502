"""Registers deliberate bugs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from lambda_indexer.index.publishing import Publisher
from tests.simulation.profiles import PROFILES
from tests.simulation.world import World


@dataclass(frozen=True)
class Bug:
    """A deliberate bug.

    Attributes:
        name: what is wrong.
        break_: makes it in a world.
        profile: of the worlds that can show it, as a place in `PROFILES`; None for all.
        first: the number of the world in which the search begins.
    """

    name: str
    break_: Callable[[World], AbstractContextManager[None]]
    profile: int | None
    first: int

    def seeds(self, count: int) -> Iterator[int]:
        """The seeds of so many worlds that may show it."""
        for number in range(self.first, self.first + count):
            yield number if self.profile is None else number * len(PROFILES) + self.profile


BUGS: dict[str, Bug] = {}


def bug(
    name: str, *, worlds: str | None = None, first: int = 0
) -> Callable[[Callable[[World], Iterator[None]]], None]:
    """Register a bug.

    Args:
        name: what is wrong.
        worlds: the name of the only profile whose worlds can show it.
        first: where the search begins, for bugs that few worlds show.
    """
    profile = None if worlds is None else [each.name for each in PROFILES].index(worlds)

    def register(function: Callable[[World], Iterator[None]]) -> None:
        BUGS[name] = Bug(name, contextmanager(function), profile, first)

    return register


@contextmanager
def patched(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    """Replace attributes while the context is active."""
    with ExitStack() as stack:
        for thing, name, value in changes:
            stack.enter_context(patch.object(thing, name, value))
        yield


def after_the_page(later: list[Callable[[], object]]) -> Any:
    """Write the pages before the postponed work."""
    write = Publisher.write

    def write_first(self: Publisher, *args: Any, **kwargs: Any) -> int:
        mine, later[:] = list(later), []
        written = write(self, *args, **kwargs)
        for one in mine:
            one()
        return written

    return write_first
