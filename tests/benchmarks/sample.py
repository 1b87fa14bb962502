"""Repeated measurements."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Sample:
    """The results of several runs.

    Attributes:
        values: In the order of the runs, all in one unit; at least one.
    """

    values: tuple[float, ...]

    @classmethod
    def of(cls, runs: int, run: Callable[[], float]) -> Self:
        """Run a function several times; it returns a value each time."""
        return cls(tuple(run() for _ in range(runs)))

    @property
    def median(self) -> float:
        """Return the median."""
        return statistics.median(self.values)

    def percentile(self, percent: int) -> float:
        """Return a percentile (nearest rank)."""
        ordered = sorted(self.values)
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]

    def over(self, other: "Sample") -> float:
        """Return the ratio of this median to another."""
        return self.median / other.median

    def shown(self, unit: str = "s") -> str:
        """Return the median and the range as text."""
        scale, name = (1000, "ms") if unit == "s" and self.median < 1 else (1, unit)
        low, middle, high = (
            figures(value * scale) for value in (min(self.values), self.median, max(self.values))
        )
        return f"{middle} {name} ({low}–{high})" if len(self.values) > 1 else f"{middle} {name}"  # noqa: RUF001 - a range


def figures(value: float) -> str:
    """Return a number with about three significant figures."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def seconds(run: Callable[[], object]) -> float:
    """Return the duration of a call, in seconds."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
