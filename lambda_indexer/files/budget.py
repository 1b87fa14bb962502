"""A number of bytes that threads share."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Budget:
    """Bounds the memory of threads; each waits until there is room for what it needs.

    Args:
        size: all of it, in bytes.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self._changed = Condition()

    @contextmanager
    def take(self, size: int) -> Iterator[None]:
        """Have so many bytes for the body, at most all of them."""
        with self._changed:
            self._changed.wait_for(lambda: self._left >= size)
            self._left -= size
        try:
            yield
        finally:
            with self._changed:
                self._left += size
                self._changed.notify_all()
