"""The function's queue, as its commands see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class QueueState:
    """The number of messages that are waiting, in flight, and in the dead-letter queue."""

    waiting: int
    in_flight: int
    dead: int


class Queue(Protocol):
    """The function's queue."""

    def send(self, bodies: Iterable[Mapping[str, Any]]) -> int:
        """Send messages, and return their number. May raise `QueueError`."""

    def state(self) -> QueueState:
        """Return the state of the queue. May raise `QueueError`."""
