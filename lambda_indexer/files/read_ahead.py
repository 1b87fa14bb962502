"""Read a large object in order, with ranges requested ahead on several connections.

One connection to S3 transfers about 80 MB/s; for more, S3's guidelines recommend parallel ranges
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-guidelines.html).
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

from s3pypi.distributions.source import MIB

BLOCK: Final = 2 * MIB
"""Bytes of a range, which take about as long to transfer as S3 takes to send the first byte."""

WINDOW: Final = 64 * MIB
"""The most bytes in memory: requested, waiting to be hashed, and the block being hashed.

The process grows by more, because the allocator keeps some of what is freed.
"""

CONNECTIONS: Final = WINDOW // BLOCK - 1


@contextmanager
def blocks(
    fetch: Callable[[int, int], bytes], size: int, ahead: int = CONNECTIONS
) -> Iterator[Iterator[bytes]]:
    """Read an object block by block.

    Args:
        fetch: returns the bytes from a position up to and without another; called in threads.
        size: of the object, in bytes.
        ahead: how many blocks are requested at the same time.

    Yields:
        The blocks in order. Iterating raises what `fetch` raised. No request is in progress after
        the context ends.
    """
    pool = ThreadPoolExecutor(ahead, "range")

    def in_order() -> Iterator[bytes]:
        waiting: deque[Future[bytes]] = deque()
        for start in range(0, size, BLOCK):
            waiting.append(pool.submit(fetch, start, min(start + BLOCK, size)))
            if len(waiting) == ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    try:
        yield in_order()
    finally:
        pool.shutdown(cancel_futures=True)
