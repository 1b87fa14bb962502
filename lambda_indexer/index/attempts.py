"""Repeat work that another writer interferes with."""

from collections.abc import Callable
from typing import Final, TypeVar

from lambda_indexer.errors import ChangedError, ContentionError

T = TypeVar("T")

_ATTEMPTS: Final = 10


def until_unchanged(work: Callable[[int], T]) -> T:
    """Do work that starts with reading, and repeat it if another writer interferes.

    Args:
        work: receives the number of earlier attempts.

    Raises:
        ContentionError: every attempt met another writer; the message is retried.
    """
    last: ChangedError | None = None
    for attempt in range(_ATTEMPTS):
        try:
            return work(attempt)
        except ChangedError as error:
            last = error
    raise ContentionError(
        f"another writer interfered with each of {_ATTEMPTS} attempts: {last}"
    ) from last
