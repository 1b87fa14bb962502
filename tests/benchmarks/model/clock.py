"""Virtual time: processes that only sleep, and a clock that jumps to the next one to wake up."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import TypeVar

from greenlet import getcurrent, greenlet

from lambda_indexer.index.early import at_once

T = TypeVar("T")
R = TypeVar("R")


class Clock:
    """Runs processes one after the other, each at its time.

    Attributes:
        now: Seconds since the beginning.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[tuple[float, int, greenlet]] = []
        self._numbers = count()
        self._loop = getcurrent()

    def spawn(self, process: Callable[[], object], after: float = 0) -> None:
        """Begin a process, so many seconds from now."""
        self._wake(greenlet(process, self._loop), after)

    def sleep(self, seconds: float) -> None:
        """Let a process wait."""
        self._wake(getcurrent(), seconds)
        self._loop.switch()

    def run(self) -> None:
        """Run until no process is left."""
        while self._waiting:
            self.now, _, process = heapq.heappop(self._waiting)
            process.switch()

    def parallel(self, width: int) -> Callable[[Callable[[T], R], Iterable[T]], Iterator[R]]:
        """Return a map that makes so many calls at a time, as `bounded_map` does."""

        def run(function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]:
            parent, todo, results, errors = getcurrent(), [*items], {}, []
            numbers, working = iter(range(len(todo))), min(width, len(todo))

            def work() -> None:
                nonlocal working
                for number in numbers:
                    try:
                        results[number] = function(todo[number])
                    except Exception as error:  # noqa: BLE001 - it is raised below
                        errors.append(error)
                        break
                working -= 1
                if not working:
                    self._wake(parent, 0)

            for _ in range(working):
                self.spawn(work)
            if todo:
                self._loop.switch()
            if errors:
                raise errors[0]
            return iter([results[number] for number in range(len(todo))])

        return run

    def begin(self, call: Callable[[], T], /) -> Callable[[], T]:
        """Begin a call in a process of its own; see `early.Begin`."""
        results: list[Callable[[], T]] = []
        waiting: list[greenlet] = []

        def work() -> None:
            results.append(at_once(call))
            for process in waiting:
                self._wake(process, 0)

        def result() -> T:
            if not results:
                waiting.append(getcurrent())
                self._loop.switch()
            return results[0]()

        self.spawn(work)
        return result

    def _wake(self, process: greenlet, seconds: float) -> None:
        heapq.heappush(self._waiting, (self.now + max(0, seconds), next(self._numbers), process))
