"""Ending in order when a signal comes: Ctrl-C, SIGTERM, or the terminal's end."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal has asked us to stop; like KeyboardInterrupt it is no error."""


@contextlib.contextmanager
def signals_stop() -> Iterator[None]:
    """Turn the first signal into an exception, so that every context is left in order.

    The signals after it are passed over, for nothing may disturb the clean-up. One that was ignored
    before, as under nohup, stays so.

    Raises:
        Stopped: In the main thread, wherever it is, when a signal comes.
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
