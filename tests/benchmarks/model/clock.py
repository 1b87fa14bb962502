"""Virtual time: processes that only sleep, and a clock that jumps to the next one to wake up."""

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

from greenlet import getcurrent, greenlet

from lambda_indexer.index.prefetch import call_now

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
        """Start a process after a number of seconds."""
        self.wake(greenlet(process, self._loop), after)

    def sleep(self, seconds: float) -> None:
        """Let a process wait."""
        self.wake(getcurrent(), seconds)
        self.wait()

    def run(self) -> None:
        """Run until no process is left."""
        while self._waiting:
            self.now, _, process = heapq.heappop(self._waiting)
            process.switch()

    def parallel(self, width: int) -> Callable[[Callable[[T], R], Iterable[T]], Iterator[R]]:
        """Return a map over a pool of so many workers, as `bounded_map` does.

        All calls of the map share the workers.
        """
        pool = _Pool(self, width)

        def run(function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]:
            todo = [*items]
            results: dict[int, R] = {}
            numbers = iter(range(len(todo)))

            def work() -> None:
                for number in numbers:
                    with pool.worker():
                        results[number] = function(todo[number])

            waiting = [self.begin(work) for _ in range(min(width, len(todo)))]
            errors = [error for error in map(_error_of, waiting) if error]
            if errors:
                raise errors[0]
            return iter([results[number] for number in range(len(todo))])

        return run

    def begin(self, call: Callable[[], T], /) -> Callable[[], T]:
        """Begin a call in a process of its own; see `prefetch.Submit`."""
        results: list[Callable[[], T]] = []
        waiting: list[greenlet] = []

        def work() -> None:
            results.append(call_now(call))
            for process in waiting:
                self.wake(process, 0)

        def result() -> T:
            if not results:
                waiting.append(getcurrent())
                self.wait()
            return results[0]()

        self.spawn(work)
        return result

    def wait(self) -> None:
        """Let a process wait until another one wakes it."""
        self._loop.switch()

    def wake(self, process: greenlet, seconds: float = 0) -> None:
        """Wake a process after a number of seconds."""
        heapq.heappush(self._waiting, (self.now + max(0, seconds), next(self._numbers), process))


class _Pool:
    """A limited number of workers, which processes take in the order of their requests."""

    def __init__(self, clock: Clock, width: int) -> None:
        self._clock, self._free = clock, width
        self._queue = deque[greenlet]()

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Hold a worker for the body."""
        if self._free:
            self._free -= 1
        else:  # whoever is done next hands its worker over
            self._queue.append(getcurrent())
            self._clock.wait()
        try:
            yield
        finally:
            if self._queue:
                self._clock.wake(self._queue.popleft())
            else:
                self._free += 1


def _error_of(result: Callable[[], object]) -> Exception | None:
    try:
        result()
    except Exception as error:  # noqa: BLE001 - the map raises it when all have ended
        return error
    return None
