"""What the user sees: results on standard output, all else on standard error."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Never, TextIO

if TYPE_CHECKING:
    from tqdm import tqdm


def printable(text: str) -> str:
    """Return a text of unknown origin in one line that does nothing to a terminal."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


class Report:
    """The output of one run; usable by many threads.

    Args:
        out: For one line per result.
        err: For notes, warnings and progress.
    """

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err
        self._lock = threading.RLock()
        self._bar: tqdm[Never] | None = None

    def line(self, text: str) -> None:
        """Print a result."""
        self._write(text, self._out)

    def note(self, text: str) -> None:
        """Print something worth knowing that is not a result."""
        self._write(text, self._err)

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[int], object]]:
        """Show progress towards `total` bytes: a bar on a terminal, elsewhere a line per tenth.

        Yields:
            What to call with each further count of bytes done.
        """
        if not self._err.isatty():
            yield self._tenths(total)
            return
        from tqdm import tqdm  # noqa: PLC0415 - slow, and needed on a terminal alone

        bar: tqdm[Never]
        with tqdm(total=total, unit="B", unit_scale=True, file=self._err, leave=False) as bar:
            self._bar = bar
            try:
                yield bar.update
            finally:
                self._bar = None

    def _tenths(self, total: int) -> Callable[[int], object]:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            with self._lock:
                before, done = done, done + count
                if before * 10 // total < done * 10 // total:
                    self.note(f"sent {done:,} of {total:,} bytes")

        return advance

    def _write(self, text: str, file: TextIO) -> None:
        # What the stream has no characters for is written in some way rather than not at all.
        encoding = file.encoding or "utf-8"
        text = text.encode(encoding, "backslashreplace").decode(encoding)
        with self._lock:
            if self._bar is None:
                file.write(text + "\n")
                file.flush()
            else:
                self._bar.write(text, file=file)
