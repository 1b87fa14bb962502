"""A storage with one object, which counts requests."""

from collections.abc import Callable
from typing import Any

from lambda_indexer.model import ETag, Sha256


class CountingStorage:
    """One object, which may be too large for memory; only the necessary ranges exist."""

    def __init__(self, body: Callable[[int, int], bytes], size: int) -> None:
        self._body, self._size = body, size
        self.requests = self.bytes = 0

    def get(self, *_: Any, **__: Any) -> tuple[bytes, ETag]:
        """Count a GET of the whole."""
        return self._part(0, self._size), ETag("e")

    def get_range(self, _bucket: str, _key: str, start: int, end: int, _etag: ETag) -> bytes:
        """Count a GET of a part."""
        return self._part(start, end)

    def sha256(self, *_: Any) -> Sha256:
        """Count a HEAD."""
        self.requests += 1
        return Sha256("0" * 64)

    def _part(self, start: int, end: int) -> bytes:
        self.requests += 1
        self.bytes += end - start
        return self._body(start, end)
