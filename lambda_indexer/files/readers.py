"""Objects in the bucket as files, for the readers of archives."""

import hashlib
import io
from collections.abc import Callable, Iterator
from typing import Final

from lambda_indexer.errors import TimeIsUpError
from lambda_indexer.model import Sha256, StoredObject
from lambda_indexer.ports import Storage
from s3pypi.distributions.source import MIB

_TAIL: Final = MIB // 4
_AHEAD: Final = MIB // 16


class HashingReader:
    """Blocks as a file that hashes each block when it comes.

    Every method may raise `TimeIsUpError`: the time was up before the last block.

    Args:
        blocks: the blocks, in order.
        in_time: whether there is time for another block.
    """

    def __init__(self, blocks: Iterator[bytes], in_time: Callable[[], bool]) -> None:
        self._blocks, self._in_time = blocks, in_time
        self._block = io.BytesIO()
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, up to the end of a block."""
        data = self._block.read(size)
        return self._block.read(size) if not data and self._advance() else data

    def drain(self) -> Sha256:
        """Read the rest, and return the digest of the whole."""
        while self._advance():
            pass
        return Sha256(self._hash.hexdigest())

    def _advance(self) -> bool:
        """Go on to the next block, if there is one."""
        if not self._in_time():
            raise TimeIsUpError("there was no time to read a whole file")
        block = next(self._blocks, b"")
        self._block = io.BytesIO(block)
        self._hash.update(block)
        return bool(block)


class RangeReader(io.RawIOBase):
    """An object as a seekable file, read by ranges.

    One request reads its tail, where a zip has its directory. Other reads fetch at least a block,
    so that a member's header and data take one request. Every method may raise `StorageError`.

    Args:
        storage: the bucket's storage.
        bucket: the bucket.
        stored: the object; no other version of it is read.
    """

    def __init__(self, storage: Storage, bucket: str, stored: StoredObject) -> None:
        self._storage, self._bucket, self._stored = storage, bucket, stored
        self._position = 0
        self._start, self._block = stored.size, b""
        self._fetch(max(0, stored.size - _TAIL), stored.size)

    def seekable(self) -> bool:
        """Whether `seek` works; it does."""
        return True

    def readable(self) -> bool:
        """Whether `read` works; it does."""
        return True

    def tell(self) -> int:
        """The current position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position, and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._stored.size}
        self._position = max(0, base[whence] + offset)
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; fewer only at the end."""
        rest = max(0, self._stored.size - self._position)
        size = rest if size < 0 else min(size, rest)
        begin = self._position - self._start
        if size and not 0 <= begin <= begin + size <= len(self._block):
            end = min(self._position + max(size, _AHEAD), self._stored.size)
            self._fetch(self._position, end)
            begin = 0
        self._position += size
        return self._block[begin : begin + size] if size else b""

    def _fetch(self, start: int, end: int) -> None:
        self._block = self._storage.get_range(
            self._bucket, self._stored.key, start, end, self._stored.etag
        )
        self._start = start
