"""Print a line for each step of the demo, with its number, title and time."""

import contextlib
import time
from collections.abc import Callable, Iterator

_WIDTH = 72
"""The width in front of the time, in characters."""


class Steps:
    """Prints each step as it starts, and its time when it ends."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with step 1.

        Args:
            clock: Returns the time in seconds.
        """
        self._clock = clock
        self._number = 0

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Run a step; its line ends with its time, or with `failed` if the body raises.

        Args:
            title: The title of the step.
        """
        self._number += 1
        print(f"{self._number}. {title} ".ljust(_WIDTH, "."), end=" ", flush=True)
        started = self._clock()
        try:
            yield
        except BaseException:
            print("failed", flush=True)
            raise
        print(f"{self._clock() - started:5.1f} s", flush=True)
