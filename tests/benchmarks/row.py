"""A row of the table: the result, what it is compared with, and the target."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One result. All texts but the note are short: they are cells of a table.

    Attributes:
        what: What was measured.
        ratio: Our figure divided by the one that it is compared with, or a count; the aim is
            about this figure.
        ours: Our figure, with its spread.
        beside: The figure of the peer or the limit from the same run, with its spread.
        aim: What the figure should be.
        met: Whether it is.
        note: Details for below the table: how it was measured, or why the aim is not met.
    """

    what: str
    ratio: str
    ours: str
    beside: str
    aim: str
    met: bool
    note: str = ""


_HEAD = (
    "| what | result | s3pypi | compared with | aim | met |",
    "|---|---|---|---|---|---|",
)


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table, with numbered notes below it."""
    lines: list[str] = [*_HEAD]
    notes: list[str] = []
    for row in rows:
        mark = ""
        if row.note:
            if row.note not in notes:
                notes.append(row.note)
            mark = f" [{notes.index(row.note) + 1}]"
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
