"""Store results, so that one benchmark can be repeated without the others."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from tests.benchmarks.row import Row

RESULTS = Path(__file__).with_name("results.json")


def keep(name: str, rows: Iterable[Row]) -> None:
    """Replace the stored rows of a benchmark."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    kept_now = _read() | {name: {"date": today, "rows": [asdict(row) for row in rows]}}
    text = json.dumps(kept_now, indent=1, sort_keys=True, ensure_ascii=False)
    RESULTS.write_text(text + "\n")


def kept(names: Iterable[str]) -> list[Row]:
    """Return the stored rows of these benchmarks, in this order."""
    found = _read()
    return [Row(**row) for name in names if name in found for row in found[name]["rows"]]


def dates(names: Iterable[str]) -> str:
    """The dates of these benchmarks: a day, or the first and the last."""
    found = _read()
    days = sorted({found[name]["date"] for name in names if name in found})
    return " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "no day"


def _read() -> dict[str, dict[str, Any]]:
    text = RESULTS.read_text() if RESULTS.exists() else "{}"
    return cast("dict[str, dict[str, Any]]", json.loads(text))
