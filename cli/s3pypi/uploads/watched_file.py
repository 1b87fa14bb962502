"""Report the progress of a file that is sent in one request."""

from collections.abc import Callable
from threading import Event
from typing import IO, Any


class WatchedFile:
    """A file wrapper that reports progress and can be interrupted.

    Reads for signing the request and repeated reads of a retry are not reported.

    Args:
        file: The file, at its beginning.
        advance: Called with the number of bytes that were sent for the first time.
        stop: Once it is set, `read` raises `KeyboardInterrupt`, which ends the request.
    """

    def __init__(self, file: IO[bytes], advance: Callable[[int], object], stop: Event) -> None:
        self._file, self._advance, self._stop = file, advance, stop
        self._furthest = 0
        self._sending = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of the file
        return getattr(self._file, name)

    def start_sending(self) -> None:
        """Report reads from now on; called when the request starts."""
        self._sending = True

    def seek(self, *where: int) -> int:
        """Move to a position, which only happens before a request starts."""
        self._sending = False
        return self._file.seek(*where)

    def read(self, size: int = -1, /) -> bytes:
        """Read from the file."""
        if self._stop.is_set():
            raise KeyboardInterrupt
        block = self._file.read(size)
        beyond = self._file.tell() - self._furthest
        if self._sending and beyond > 0:
            self._furthest += beyond
            self._advance(beyond)
        return block
