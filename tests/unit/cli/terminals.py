"""Streams that look like terminals."""

import io
import threading


class Terminal(io.StringIO):
    """A stream that looks like a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


class Watched(Terminal):
    """A terminal that sets an event when it shows a text.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.seen = threading.Event()

    def write(self, text: str) -> int:
        """Write, and look for the text."""
        if self._text in text:
            self.seen.set()
        return super().write(text)
