"""The command's output: results on standard output, everything else on standard error."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Never, TextIO

from s3pypi.command_line.stream import SafeStream

if TYPE_CHECKING:
    from tqdm import tqdm

INTERVAL = 1.0
"""Seconds without other output after which a terminal shows that the command still works."""

RED, YELLOW, RESET = "\x1b[31m", "\x1b[33m", "\x1b[0m"


def printable(text: str) -> str:
    """Return an untrusted text as one line without control characters."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 project`, `2,000 projects`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


class Report:
    """The output of one run; thread-safe.

    Output errors do not interrupt the command: `close` reports them at the end.

    Args:
        out: The stream for results: one line each, or one JSON document. None if it is closed.
        err: The stream for notes, warnings and progress. None if it is closed.

    Attributes:
        json: Whether to print the results as one JSON document when the command ends.
        quiet: Whether to omit notes and progress.
    """

    def __init__(self, out: TextIO | None, err: TextIO | None) -> None:
        self._out = SafeStream(out)
        self._err = SafeStream(err)
        self._lock = threading.RLock()
        self._bar: tqdm[Never] | None = None
        self._results: list[Mapping[str, Any]] = []
        self._document: object = None
        self._waits: list[tuple[str, float]] = []
        self._shown = False
        self.json = self.quiet = False

    def done(self, action: str, url: str, **fields: object) -> None:
        """Print an action on an object, such as `uploaded: s3://…`, with more fields in JSON."""
        if self.json:
            with self._lock:
                self._results.append({"action": action, "url": url, **fields})
        else:
            self.line(f"{action}: {url}")

    def document(self, content: object) -> None:
        """Set the JSON document, for results that are not actions on objects."""
        self._document = content

    def line(self, text: str) -> None:
        """Print a result."""
        self._write(text, self._out)

    def note(self, text: str) -> None:
        """Print a note to standard error, unless `quiet` is set."""
        if not self.quiet:
            self._write(text, self._err)

    def warn(self, text: str) -> None:
        """Print a warning."""
        self._write(f"{self._colored('warning:', YELLOW)} {text}", self._err)

    def error(self, text: str) -> None:
        """Print an error; `error:` is colored on a terminal."""
        start, mark, rest = text.partition("error:")
        self._write(f"{start}{self._colored(mark, RED)}{rest}", self._err)

    @contextmanager
    def progress(self, total: int, unit: str = "bytes") -> Iterator[Callable[[int], object]]:
        """Show a progress bar on a terminal.

        Args:
            total: The total count.
            unit: The unit of the count.

        Yields:
            A function to call with each increment.
        """
        if self.quiet or not self._err.isatty():
            yield lambda _count: None
            return
        from tqdm import tqdm

        bar: tqdm[Never]
        shown = "B" if unit == "bytes" else f" {unit}"
        with self._lock:
            self._wipe()
        with tqdm(total=total, unit=shown, unit_scale=True, file=self._err, leave=False) as bar:
            self._bar = bar
            try:
                yield bar.update
            finally:
                self._bar = None

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Show a message and the elapsed time on a terminal while the body runs.

        A message of the body, or a progress bar, replaces it meanwhile.
        """
        if self.quiet or not self._err.isatty():
            yield
            return
        with self._lock:
            self._waits.append((what, time.monotonic()))
        over = threading.Event()
        thread = threading.Thread(target=self._refresh, args=(over,), daemon=True)
        if len(self._waits) == 1:
            thread.start()
        try:
            yield
        finally:
            over.set()
            if thread.is_alive():
                thread.join()
            with self._lock:
                self._waits.pop()
                self._wipe()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Show nothing on the terminal while the user is asked something."""
        with self._lock:
            self._wipe()
            waits, self._waits = self._waits, []
        try:
            yield
        finally:
            self._waits = waits

    def _refresh(self, over: threading.Event) -> None:
        while not over.wait(INTERVAL):
            self._show()

    def _show(self) -> None:
        with self._lock:
            if self._waits and self._bar is None:
                what, began = self._waits[-1]
                self._err.write(f"\r\x1b[K{what}: {time.monotonic() - began:.0f} s")
                self._err.flush()
                self._shown = True

    def _wipe(self) -> None:
        """Clear the line that `waiting` shows."""
        if self._shown:
            self._err.write("\r\x1b[K")
            self._err.flush()
            self._shown = False

    def _colored(self, text: str, color: str) -> str:
        plain = not self._err.isatty() or os.environ.get("NO_COLOR")
        return text if plain or not text else f"{color}{text}{RESET}"

    def close(self) -> bool:
        """Print the JSON document, and return whether all output was written.

        Prints an error if it was not, unless the reader of a pipe has closed it.
        """
        if self._document is None and self._results:
            self._document = {"results": self._results}
        if self.json and self._document is not None:
            self.line(json.dumps(self._document, indent=2))
        failure = self._out.close()
        if failure and not isinstance(failure, BrokenPipeError):
            self.error(f"s3pypi: error: cannot write to standard output: {failure}")
        self._err.close()
        return failure is None

    def _write(self, text: str, stream: SafeStream) -> None:
        with (
            self._lock,
            self._bar.external_write_mode(self._err) if self._bar is not None else nullcontext(),
        ):
            self._wipe()
            stream.write(text + "\n")
            stream.flush()
