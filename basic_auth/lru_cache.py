"""A cache of limited size that evicts the least recently used entry."""

from collections import OrderedDict
from typing import Final, Generic, TypeVar

CAPACITY: Final = 1024
"""The maximum number of entries."""

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """The entries that were added or read most recently."""

    def __init__(self) -> None:
        self._items: OrderedDict[bytes, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: bytes) -> Value | None:
        """Return an entry's value, and mark the entry as the most recently used one.

        Args:
            key: The entry's key.

        Returns:
            The value; None if the key is unknown or was evicted.
        """
        value = self._items.get(key)
        if value is not None:
            self._items.move_to_end(key)
        return value

    def add(self, key: bytes, value: Value) -> None:
        """Add an entry, and evict the least recently used one if the cache is full.

        Args:
            key: The entry's key.
            value: The entry's value; not None.
        """
        self._items[key] = value
        self._items.move_to_end(key)
        if len(self._items) > CAPACITY:
            self._items.popitem(last=False)
