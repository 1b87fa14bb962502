"""Threads that an interrupt does not wait for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

GRACE = 0.5
"""Seconds that interrupted work may take to stop."""


@contextmanager
def workers(count: int) -> Iterator[ThreadPoolExecutor]:
    """Provide a pool of threads; wait for its work unless the body raises.

    Work that has not begun is cancelled then. Work that has begun goes on until the process ends.
    """
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
