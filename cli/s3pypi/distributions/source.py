"""A file that an archive is read from, and what reading it may cost; pure."""

import time
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from s3pypi.distributions.errors import InvalidDistributionError

MIB: Final = 1 << 20
MAX_SECONDS: Final = 1.0
PATIENCE: Final = 0.1  # seconds of processor time, in which almost all files are done

T = TypeVar("T")


class Reader(Protocol):
    """What the archives are read through: forwards for tars, seekable for zips."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; empty at the end."""


class Source:
    """A file that gives up when its time is over, and knows the errors that are not its own.

    Args:
        file: where the bytes come from.
        alarm: called again and again once the reading has taken `PATIENCE`; what it raises ends
            the reading.
        clock: the processor time of this thread, in seconds.

    Attributes:
        error: what the file or the alarm raised, None while they have raised nothing.
    """

    def __init__(
        self,
        file: Reader,
        alarm: Callable[[], object],
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._file, self._alarm, self._clock = file, alarm, clock
        self._start = clock()
        self.error: Exception | None = None

    def check(self) -> None:
        """Look at the clock, and call the alarm if it is time for that.

        Raises:
            InvalidDistributionError: The file has had its processor time.
        """
        seconds = self._clock() - self._start
        if seconds > PATIENCE:
            self._outside(self._alarm)
        if seconds > MAX_SECONDS:
            raise InvalidDistributionError(
                f"finding its metadata takes more than {MAX_SECONDS:g} s of processor time"
            )

    def read(self, size: int = -1, /) -> bytes:
        """Read up to `size` bytes."""
        self.check()
        return self._outside(lambda: self._file.read(size))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a place in the file, which has to be one that can."""
        position: int = self._file.seek(offset, whence)  # type: ignore[attr-defined]
        return position

    def _outside(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except Exception as error:
            self.error = error
            raise
