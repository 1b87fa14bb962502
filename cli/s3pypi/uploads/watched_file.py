"""Progress of a file that is sent in one request."""

from collections.abc import Callable
from typing import IO, Any


class WatchedFile:
    """A file that reports how far it was read; reading a part again, to retry, is not reported.

    Args:
        file: At its beginning.
        advance: Called with each number of bytes that were read for the first time.
    """

    def __init__(self, file: IO[bytes], advance: Callable[[int], object]) -> None:
        self._file, self._advance = file, advance
        self._furthest = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the file has
        return getattr(self._file, name)

    def read(self, size: int = -1, /) -> bytes:
        """Read from the file."""
        block = self._file.read(size)
        beyond = self._file.tell() - self._furthest
        if beyond > 0:
            self._furthest += beyond
            self._advance(beyond)
        return block
