"""A parallel map over a thread pool."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from lambda_indexer.ports import Parallel

T = TypeVar("T")
R = TypeVar("R")


def bounded_map(pool: ThreadPoolExecutor) -> Parallel:
    """Return a parallel map that waits for all started calls before it returns or raises.

    Otherwise, calls could continue after a failure, when the lease has already been released. Each
    map submits at most as many calls as the pool has threads, so that a map of ten thousand items
    does not block other maps.
    """
    width = pool._max_workers  # noqa: SLF001 - there is no public attribute

    def run(function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]:
        waiting = enumerate(items)
        results: dict[int, R] = {}
        under_way: dict[Future[R], int] = {}
        try:
            while True:
                for number, item in islice(waiting, width - len(under_way)):
                    under_way[pool.submit(function, item)] = number
                if not under_way:
                    return iter([results[number] for number in range(len(results))])
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    results[under_way.pop(future)] = future.result()
        finally:
            wait(under_way)

    return run
