"""The command's output: results on standard output, everything else on standard error."""

import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Never, TextIO

if TYPE_CHECKING:
    from tqdm import tqdm


def printable(text: str) -> str:
    """Return a text of unknown origin as one line without control characters."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


class Report:
    """The output of one run; usable by many threads.

    Output errors do not stop the work: `close` reports them at the end.

    Args:
        out: For one line per result; None when it is closed.
        err: For notes, warnings and progress; None when it is closed.
    """

    def __init__(self, out: TextIO | None, err: TextIO | None) -> None:
        self._out = _Unfailing(out)
        self._err = _Unfailing(err)
        self._lock = threading.RLock()
        self._bar: tqdm[Never] | None = None

    def line(self, text: str) -> None:
        """Print a result."""
        self._write(text, self._out)

    def note(self, text: str) -> None:
        """Print a note that is not a result."""
        self._write(text, self._err)

    @contextmanager
    def progress(
        self, total: int, verb: str = "sent", unit: str = "bytes"
    ) -> Iterator[Callable[[int], object]]:
        """Show progress towards a total: a bar on a terminal, elsewhere a line per tenth.

        Args:
            total: Of what there is to do.
            verb: What is done.
            unit: What is counted.

        Yields:
            What to call with each further count done.
        """
        if not self._err.isatty():
            yield self._tenths(total, f"of {total:,} {unit}", verb)
            return
        from tqdm import tqdm

        bar: tqdm[Never]
        shown = "B" if unit == "bytes" else f" {unit}"
        with tqdm(total=total, unit=shown, unit_scale=True, file=self._err, leave=False) as bar:
            self._bar = bar
            try:
                yield bar.update
            finally:
                self._bar = None

    def _tenths(self, total: int, what: str, verb: str) -> Callable[[int], object]:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            with self._lock:
                before, done = done, done + count
                if before * 10 // total < done * 10 // total:
                    self.note(f"{verb} {done:,} {what}")

        return advance

    def close(self) -> bool:
        """Return whether all results were written; print an error if not, unless a pipe closed."""
        failure = self._out.close()
        if failure and not isinstance(failure, BrokenPipeError):
            self.note(f"s3pypi: error: cannot write to standard output: {failure}")
        self._err.close()
        return failure is None

    def _write(self, text: str, stream: "_Unfailing") -> None:
        with (
            self._lock,
            self._bar.external_write_mode(self._err) if self._bar is not None else nullcontext(),
        ):
            stream.write(text + "\n")
            stream.flush()


class _Unfailing:
    """A text stream that records its first error instead of raising it."""

    def __init__(self, inner: TextIO | None) -> None:
        self._inner = inner or io.StringIO()
        self._failure = None if inner else OSError("it is closed")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, text: str) -> None:
        # Characters that the stream cannot encode are escaped.
        encoding = self._inner.encoding or "utf-8"
        self._try(self._inner.write, text.encode(encoding, "backslashreplace").decode(encoding))

    def flush(self) -> None:
        self._try(self._inner.flush)

    def close(self) -> Exception | None:
        """Return the first failure, after which Python does not try again when it ends."""
        self.flush()
        if self._failure:
            with suppress(OSError):  # not every stream is a file
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._inner.fileno())
        return self._failure

    def _try(self, act: Callable[..., object], *args: str) -> None:
        try:
            act(*args)
        except OSError as error:
            self._failure = self._failure or error
