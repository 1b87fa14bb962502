"""What an interrupt raises, depending on where it arrives."""

import threading


def anywhere(*_: object) -> None:
    """Raise what it raises in most places."""
    raise KeyboardInterrupt


def inside_threading(*_: object) -> None:
    """Raise what it raises in `threading.Condition.wait`: a lock is released a second time.

    Raises:
        RuntimeError: "release unlocked lock".
    """
    lock = threading.Lock()
    with lock:
        lock.release()
        raise KeyboardInterrupt


INTERRUPTS = (anywhere, inside_threading)
