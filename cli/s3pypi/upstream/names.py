"""Compare the names of an index with an upstream: who else uses them?"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from packaging.utils import NormalizedName

from s3pypi.upstream.lookup import Project, Unknown, as_json

PARALLEL: Final = 4
"""Requests at the same time: an upstream is a guest's to use politely."""

Answer = Project | Unknown | None


class State(StrEnum):
    """What a name is on the upstream."""

    FREE = "free"
    TAKEN = "taken"
    MIRRORED = "mirrored"
    """It has files of ours, byte for byte, and so it is ours or a mirror on purpose."""
    ACKNOWLEDGED = "acknowledged"
    """It is taken, and the user knows."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """What was found out about a name.

    Attributes:
        name: Of a project of ours.
        state: What it is on the upstream.
        found: The upstream's answer.
    """

    name: NormalizedName
    state: State
    found: Answer

    def line(self) -> str:
        """Return the verdict as one line."""
        match self.found:
            case Project(versions, first_upload):
                since = f", first upload {first_upload}" if first_upload else ""
                shown = ", ".join(versions[:5]) + (", …" if len(versions) > 5 else "")  # noqa: PLR2004
                return f"{self.state}: {self.name} (versions {shown or 'unknown'}{since})"
            case Unknown(reason):
                return f"{self.state}: {self.name} ({reason})"
            case None:
                return f"{self.state}: {self.name}"

    def as_json(self) -> dict[str, Any]:
        """Return the verdict for `--json`."""
        return {"name": self.name, "state": self.state.value, **as_json(self.found)}


def judge(
    name: NormalizedName, found: Answer, ours: Collection[str], acknowledged: Collection[str]
) -> Verdict:
    """Decide what a name is on the upstream.

    Args:
        name: Of a project of ours.
        found: The upstream's answer.
        ours: SHA-256 of our files of that name.
        acknowledged: Names that the user knows to be taken.
    """
    match found:
        case None:
            state = State.FREE
        case Unknown():
            state = State.UNKNOWN
        case Project(digests=theirs) if theirs and ours and set(ours) <= theirs:
            state = State.MIRRORED
        case _:
            state = State.ACKNOWLEDGED if name in acknowledged else State.TAKEN
    return Verdict(name, state, found)


def check(
    names: Iterable[NormalizedName],
    find: Callable[[NormalizedName], Answer],
    digests: Callable[[NormalizedName], Collection[str]],
    acknowledged: Collection[str] = (),
) -> Iterator[Verdict]:
    """Check names, `PARALLEL` at the same time, and yield the verdicts in the names' order.

    Args:
        names: Of our projects.
        find: Asks the upstream.
        digests: Gives the SHA-256 of our files of a name; only asked if the name is taken.
        acknowledged: Names that the user knows to be taken.
    """

    def one(name: NormalizedName) -> Verdict:
        found = find(name)
        ours = digests(name) if isinstance(found, Project) else ()
        return judge(name, found, ours, acknowledged)

    with ThreadPoolExecutor(PARALLEL, "name") as pool:
        yield from pool.map(one, names)


def part_of(names: list[NormalizedName], limit: int | None, day: int) -> list[NormalizedName]:
    """Choose the names of one run: all, or another part of them each day.

    Args:
        names: All names.
        limit: How many at most; None for all.
        day: A number that grows by one each day. After as many days as there are parts, every name
            has been chosen once.
    """
    if limit is None or len(names) <= limit:
        return names
    parts = -(-len(names) // limit)
    return names[day % parts :: parts]


def counts(verdicts: Iterable[Verdict]) -> Mapping[State, int]:
    """Count the verdicts by state."""
    count = dict.fromkeys(State, 0)
    for verdict in verdicts:
        count[verdict.state] += 1
    return count
