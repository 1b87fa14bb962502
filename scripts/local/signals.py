"""Clean up on signals: Ctrl-C, SIGTERM, and the end of the terminal."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal arrived; like KeyboardInterrupt, this is not an error."""


@contextlib.contextmanager
def signals_stop() -> Iterator[None]:
    """Raise an exception at the first signal, so that all contexts are exited.

    Further signals are ignored, so that they do not interrupt the clean-up. Signals that were
    already ignored, as under nohup, stay ignored.

    Raises:
        Stopped: In the main thread, when a signal arrives.
    """
    numbers = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]

    def stop(number: int, _: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
