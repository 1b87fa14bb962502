"""A large object in order, its ranges read ahead on several connections into a bounded window.

S3 gives one connection some 80 MB/s; more takes ranges side by side
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-guidelines.html).
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

from s3pypi.distributions.source import MIB

BLOCK: Final = 3 * MIB
"""Bytes of a range: large enough that its bytes take longer than the wait for the first one."""

WINDOW: Final = 48 * MIB
"""Bytes in memory at most, requested or waiting, with the block that the reader has in hand.

The allocator needs some more: the process grows by up to 64 MiB.
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
        The blocks in order. Each raises what its `fetch` raised. When the context ends, no request
        is under way any more.
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
