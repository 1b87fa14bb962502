"""Check which names of an index also exist on an upstream."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from packaging.utils import NormalizedName

from s3pypi.upstream.lookup import Project, Unknown, as_json

PARALLEL: Final = 4
"""The number of concurrent requests; low, to be polite to a public index."""

PATIENCE: Final = 20
"""Failures of the upstream in a row after which the other names are not requested."""

_SKIPPED: Final = Unknown("not requested, because the upstream is down", is_down=True)

Answer = Project | Unknown | None


class State(StrEnum):
    """The state of a name on the upstream."""

    FREE = "free"
    TAKEN = "taken"
    MIRRORED = "mirrored"
    """The upstream has our files, so it is a mirror or the project is ours."""
    ACKNOWLEDGED = "acknowledged"
    """The name is taken, and the user has acknowledged it."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """The result for one name.

    Attributes:
        name: The name of a project of the index.
        state: The state of the name on the upstream.
        found: The result of the lookup.
    """

    name: NormalizedName
    state: State
    found: Answer

    def line(self) -> str:
        """Return the result as one line."""
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
        """Return the result for `--json`."""
        return {"name": self.name, "state": self.state.value, **as_json(self.found)}


def judge(
    name: NormalizedName, found: Answer, ours: Collection[str], acknowledged: Collection[str]
) -> Verdict:
    """Return the result for a name.

    Args:
        name: The name of a project of the index.
        found: The result of the lookup.
        ours: The SHA-256 digests of our files of that project.
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
    """Check names, `PARALLEL` at a time, and yield the results in the order of the names.

    After `PATIENCE` failures of the upstream in a row, the other names are unknown unasked.

    Args:
        names: The names of our projects.
        find: Looks up a name on the upstream.
        digests: Returns the SHA-256 digests of our files of a project; only called for taken names.
        acknowledged: Names that the user knows to be taken.
    """
    failures = 0

    def one(name: NormalizedName) -> Verdict:
        nonlocal failures
        found = find(name) if failures < PATIENCE else _SKIPPED
        failures = failures + 1 if isinstance(found, Unknown) and found.is_down else 0
        ours = digests(name) if isinstance(found, Project) else ()
        return judge(name, found, ours, acknowledged)

    with ThreadPoolExecutor(PARALLEL, "name") as pool:
        yield from pool.map(one, names)


def part_of(names: list[NormalizedName], limit: int | None, day: int) -> list[NormalizedName]:
    """Return the names to check in one run: all of them, or another part each day.

    Args:
        names: All names.
        limit: The maximum number of names; None for all.
        day: The number of the day. As many consecutive days as there are parts cover all names.
    """
    if limit is None or len(names) <= limit:
        return names
    parts = -(-len(names) // limit)
    return names[day % parts :: parts]


def counts(verdicts: Iterable[Verdict]) -> Mapping[State, int]:
    """Count the results by state."""
    count = dict.fromkeys(State, 0)
    for verdict in verdicts:
        count[verdict.state] += 1
    return count
