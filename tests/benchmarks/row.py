"""A line of the table: what was measured, beside what, and what was aimed at."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One result.

    Attributes:
        what: Was measured.
        ratio: Of ours to what stands beside it, or a count; the figure that the aim is about.
        ours: Our figure, with its spread.
        beside: The peer's or the limit's figure from the same run, with its spread.
        aim: Of the issue, for people.
        met: Whether it is reached.
        note: Why not, or what the figure does not say.
    """

    what: str
    ratio: str
    ours: str
    beside: str
    aim: str
    met: bool
    note: str = ""


_HEAD = (
    "| what | ratio | ours | beside it | aim | met |",
    "|---|---|---|---|---|---|",
)


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table, with their notes numbered below it."""
    lines, notes = [*_HEAD], []
    for row in rows:
        mark = ""
        if row.note:
            notes.append(row.note)
            mark = f" [{len(notes)}]"
        cells = (
            row.what + mark,
            f"**{row.ratio}**",
            row.ours,
            row.beside,
            row.aim,
            "yes" if row.met else "**no**",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"{n}. {note}" for n, note in enumerate(notes, 1)), ""])
