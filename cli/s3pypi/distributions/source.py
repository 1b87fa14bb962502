"""A file wrapper that limits the processor time for reading an archive. Pure."""

import time
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from s3pypi.distributions.errors import InvalidDistributionError

MIB: Final = 1 << 20
MAX_SECONDS: Final = 1.0
PATIENCE: Final = 0.1  # seconds of processor time, enough for almost all files

T = TypeVar("T")


class Reader(Protocol):
    """A file object: sequential for tars, seekable for zips."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; empty at the end of the file."""


class Source:
    """A file with a limit on processor time. It keeps its own errors apart from bad content.

    Args:
        file: The underlying file.
        check_time: Called regularly after `PATIENCE`; its exceptions end the reading.
        clock: Returns the processor time of this thread, in seconds.

    Attributes:
        error: The exception that the file or the check_time raised; None if there was none.
    """

    def __init__(
        self,
        file: Reader,
        check_time: Callable[[], object],
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._file, self._check_time, self._clock = file, check_time, clock
        self._start = clock()
        self.error: Exception | None = None

    def check(self) -> None:
        """Check the processor time, and call the check_time after `PATIENCE`.

        Raises:
            InvalidDistributionError: The time limit was exceeded.
        """
        seconds = self._clock() - self._start
        if seconds > PATIENCE:
            self._outside(self._check_time)
        if seconds > MAX_SECONDS:
            raise InvalidDistributionError(
                f"finding its metadata takes more than {MAX_SECONDS:g} s of processor time"
            )

    def read(self, size: int = -1, /) -> bytes:
        """Read up to `size` bytes."""
        self.check()
        return self._outside(lambda: self._file.read(size))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a position; the file must be seekable."""
        position: int = self._file.seek(offset, whence)  # type: ignore[attr-defined]
        return position

    def _outside(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except Exception as error:
            self.error = error
            raise
