"""A picture of a burst: who made which call when; `python -m tests.benchmarks.model.timeline`."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from tests.benchmarks.model.bursts import ours, shares_of
from tests.benchmarks.model.cloud import Conditions, Span

OUTPUT: Final = Path(__file__).resolve().parents[3] / "docs" / "images" / "burst.svg"
COLORS: Final = {
    "cold start": "#b8b8b8",
    "wait for a lease": "#f2c14e",
    "DynamoDB": "#7b4fa3",
    "LIST": "#d1495b",
    "GET, HEAD": "#2e86ab",
    "PUT": "#3a9d5d",
}
_LEFT, _WIDTH, _ROW, _TOP = 100, 860, 11, 50


def kind(what: str) -> str:
    """Return the kind of a call, a key of `COLORS`."""
    word = what.partition(" ")[0]
    if what == "cold start":
        return what
    if word in {"GET", "HEAD"}:
        return "GET, HEAD"
    return {"wait": "wait for a lease", "LIST": "LIST", "PUT": "PUT"}.get(word, "DynamoDB")


def picture(spans: Sequence[Span]) -> str:
    """Draw spans as SVG, with a row for each caller."""
    rows = {who: number for number, who in enumerate(dict.fromkeys(span.who for span in spans))}
    end = max(span.end for span in spans)
    height = _TOP + _ROW * len(rows) + 30
    box = f'viewBox="0 0 {_LEFT + _WIDTH + 20} {height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="10">',
        f'<rect width="100%" height="{height}" fill="white"/>',
    ]
    for number, (name, color) in enumerate(COLORS.items()):
        x: float = _LEFT + 140 * number
        lines.append(f'<rect x="{x}" y="12" width="10" height="10" fill="{color}"/>')
        lines.append(f'<text x="{x + 14}" y="21">{name}</text>')
    for tenth in range(int(end * 2) + 1):
        x = _LEFT + _WIDTH * tenth / 2 / end
        lines.append(
            f'<path d="M{x:.1f} {_TOP - 8}V{height - 24}" stroke="#ddd"/>'
            f'<text x="{x:.1f}" y="{height - 10}" text-anchor="middle">{tenth / 2:g} s</text>'
        )
    for who, row in rows.items():
        y = _TOP + _ROW * row
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 8}" text-anchor="end">{escape(who)}</text>')
    for span in spans:
        x, width = (_WIDTH * value / end for value in (span.start, span.end - span.start))
        lines.append(
            f'<rect x="{_LEFT + x:.1f}" y="{_TOP + _ROW * rows[span.who]}" width="{width:.1f}"'
            f' height="{_ROW - 3}" fill="{COLORS[kind(span.what)]}" fill-opacity=".8"/>'
        )
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    """Draw the burst of the documentation."""
    burst = ours(shares_of(12, 2, 1), Conditions(), traced=True)
    OUTPUT.write_text(picture(burst.cloud.spans))


if __name__ == "__main__":
    main()
