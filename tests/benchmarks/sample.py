"""Repeated measurements of one thing."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Sample:
    """What several runs gave.

    Attributes:
        values: In the order of the runs, all in one unit; at least one.
    """

    values: tuple[float, ...]

    @classmethod
    def of(cls, runs: int, run: Callable[[], float]) -> Self:
        """Run something so many times, each time giving a value."""
        return cls(tuple(run() for _ in range(runs)))

    @property
    def median(self) -> float:
        """The value in the middle, which one slow run does not move."""
        return statistics.median(self.values)

    def percentile(self, percent: int) -> float:
        """The value that so many per cent of the runs do not exceed (nearest rank)."""
        ordered = sorted(self.values)
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]

    def over(self, other: "Sample") -> float:
        """How many times the other's median this one's is."""
        return self.median / other.median

    def shown(self, unit: str = "s") -> str:
        """For people: the median, and the spread from the lowest to the highest."""
        scale, name = (1000, "ms") if unit == "s" and self.median < 1 else (1, unit)
        low, middle, high = (
            figures(value * scale) for value in (min(self.values), self.median, max(self.values))
        )
        return f"{middle} {name} ({low}–{high})" if len(self.values) > 1 else f"{middle} {name}"  # noqa: RUF001 - a range


def figures(value: float) -> str:
    """A number with about three significant figures."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def seconds(run: Callable[[], object]) -> float:
    """How long a call takes, in seconds of wall clock."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
