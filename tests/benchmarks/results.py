"""What was measured so far, kept so that one row can be measured anew without all others."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.row import Row

BUILD = Path(__file__).resolve().parents[2] / "build" / "benchmarks"


def keep(name: str, rows: Iterable[Row]) -> None:
    """Keep the rows of a benchmark in place of those it gave before."""
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / f"{name}.json").write_text(json.dumps([asdict(row) for row in rows]))


def kept(names: Iterable[str]) -> list[Row]:
    """The rows of these benchmarks, in this order; none of those never measured."""
    paths = (BUILD / f"{name}.json" for name in names)
    found = [json.loads(path.read_text()) for path in paths if path.exists()]
    return [Row(**row) for rows in found for row in rows]
