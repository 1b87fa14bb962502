"""A bounded memory: the least recently used entry goes first."""

from collections import OrderedDict
from typing import Final, Generic, TypeVar

REMEMBERED: Final = 1024
"""How many entries are remembered."""

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The entries that were added or asked for last."""

    def __init__(self) -> None:
        self._items: OrderedDict[bytes, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def get(self, mark: bytes) -> Value | None:
        """Look an entry up, which makes it the most recently used one.

        Args:
            mark: The entry's mark.

        Returns:
            What was remembered; None if it is unknown or was forgotten.
        """
        value = self._items.get(mark)
        if value is not None:
            self._items.move_to_end(mark)
        return value

    def add(self, mark: bytes, value: Value) -> None:
        """Remember an entry.

        Args:
            mark: The entry's mark.
            value: What to remember; not None.
        """
        self._items[mark] = value
        self._items.move_to_end(mark)
        if len(self._items) > REMEMBERED:
            self._items.popitem(last=False)
