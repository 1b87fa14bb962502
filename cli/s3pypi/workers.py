"""A thread pool that does not delay an interrupt."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

GRACE = 0.5
"""How long interrupted work may take to stop, in seconds."""


@contextmanager
def workers(count: int) -> Iterator[ThreadPoolExecutor]:
    """Provide a thread pool; wait for its work, unless the body raises.

    If the body raises, work that has not started is canceled, and work that has started continues
    until the process ends.
    """
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
