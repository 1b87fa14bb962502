"""Declarations to a root page: a project's run has seen that the project is there, or is not."""

from collections.abc import Iterable

from packaging.utils import NormalizedName


def declaration(name: NormalizedName, run: str | int, *, present: bool) -> str:
    """Return the pending entry by which a run declares that a project is there, or that it is not.

    Args:
        name: the project.
        run: the number of the run; see `Run.number`.
        present: whether the project is there.
    """
    return f"{'+' if present else '-'}{name}@{run}"


def resolve(entries: Iterable[str]) -> dict[NormalizedName, bool]:
    """Return for each name in pending entries whether its project is there.

    The highest run decides, and of one run its last attempt.
    """
    latest: dict[NormalizedName, tuple[int, int, bool]] = {}
    for entry in entries:
        name, _, number = entry[1:].rpartition("@")
        run, _, attempt = number.partition(".")
        declared = (int(run), int(attempt or 0), entry.startswith("+"))
        key = NormalizedName(name)
        latest[key] = max(latest.get(key, declared), declared)
    return {name: present for name, (_, _, present) in latest.items()}
