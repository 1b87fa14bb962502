"""Wait for a rebuild until the indexer's queue is empty."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from s3pypi.errors import S3PyPIError, UnavailableError
from s3pypi.indexer.client import Indexer, QueueState

FIRST_PAUSE, LAST_PAUSE = 0.5, 5.0
"""The first and the last interval between two requests, in seconds."""
PATIENCE = 60
"""The number of consecutive requests that may fail, as a rebuild can use all concurrency."""
EMPTY = 2
"""The number of consecutive requests that must find an empty queue, as numbers are approximate."""


def _ignore(_: int) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Watcher:
    """Watches the queue of one indexer.

    Attributes:
        indexer: The indexer.
        advance: Called with the number of newly processed messages.
        sleep: Waits for a number of seconds.
    """

    indexer: Indexer
    advance: Callable[[int], object] = _ignore
    sleep: Callable[[float], object] = time.sleep

    def wait(self, messages: int, before: QueueState) -> None:
        """Return when the queue is empty.

        Args:
            messages: The number of messages of the rebuild. `advance` is called with this number
                in total, even if other messages arrive.
            before: The state of the queue before the rebuild.

        Raises:
            S3PyPIError: Messages went to the dead-letter queue, or the queue cannot be watched.
        """
        state, done, empty, pause = before, 0, 0, FIRST_PAUSE
        while empty < EMPTY:
            self.sleep(pause)
            pause = min(pause * 1.5, LAST_PAUSE)
            state = self._look()
            empty = 0 if state.left else empty + 1
            if messages - state.left > done:
                self.advance(messages - state.left - done)
                done = messages - state.left
        if state.dead > before.dead:
            more = state.dead - before.dead
            raise S3PyPIError(
                f"the dead-letter queue has {more} more message{'' if more == 1 else 's'} than "
                "before: all retries failed. See the function's log, fix the cause, then redrive "
                "the queue or rebuild again"
            )

    def _look(self) -> QueueState:
        try:
            for _ in range(PATIENCE - 1):
                with suppress(UnavailableError):
                    return self.indexer.queue()
                self.sleep(LAST_PAUSE)
            return self.indexer.queue()
        except S3PyPIError as error:
            raise S3PyPIError(
                f"the rebuild continues, but its progress is unavailable: {error}"
            ) from error
