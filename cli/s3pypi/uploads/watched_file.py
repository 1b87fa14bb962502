"""Progress of a file that is sent in one request."""

from collections.abc import Callable
from threading import Event
from typing import IO, Any


class WatchedFile:
    """A file that reports how far it was sent, and that can be stopped.

    Reading to sign a request is not reported, nor is sending a part again, to retry.

    Args:
        file: At its beginning.
        advance: Called with each number of bytes that were sent for the first time.
        stop: Once it is set, reading raises `KeyboardInterrupt`, which ends the request.
    """

    def __init__(self, file: IO[bytes], advance: Callable[[int], object], stop: Event) -> None:
        self._file, self._advance, self._stop = file, advance, stop
        self._furthest = 0
        self._sending = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the file has
        return getattr(self._file, name)

    def sending(self) -> None:
        """Report what is read from now on; called when the request begins."""
        self._sending = True

    def seek(self, *where: int) -> int:
        """Move in the file, which happens only before a request begins."""
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
