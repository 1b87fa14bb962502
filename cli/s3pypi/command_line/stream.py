"""A text stream whose errors do not interrupt the command."""

import io
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO


class SafeStream:
    """A text stream that records its first error instead of raising it.

    Args:
        inner: The stream to write to, or None if it is closed.
    """

    def __init__(self, inner: TextIO | None) -> None:
        self._inner = inner or io.StringIO()
        self._failure = None if inner else OSError("it is closed")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, text: str) -> None:
        """Write a text, and escape characters that the stream cannot encode."""
        encoding = self._inner.encoding or "utf-8"
        self._try(self._inner.write, text.encode(encoding, "backslashreplace").decode(encoding))

    def flush(self) -> None:
        """Flush the stream."""
        self._try(self._inner.flush)

    def close(self) -> Exception | None:
        """Return the first error. Python does not flush the stream again when it exits."""
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
