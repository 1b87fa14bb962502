"""What an interrupt raises, depending on where it arrives."""

import threading

from s3pypi.errors import AwsError


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


def inside_a_request(*_: object) -> None:
    """Raise what it raises in a request's use of `threading`: botocore wraps that.

    Raises:
        AwsError: The request failed.
    """
    try:
        inside_threading()
    except RuntimeError as error:
        raise AwsError("the request failed") from error


INTERRUPTS = (anywhere, inside_threading, inside_a_request)
