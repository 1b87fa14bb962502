"""The adapters of AWS as an invocation in a world sees them: each call may go wrong."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

from lambda_indexer.aws.listing import Answer
from lambda_indexer.errors import CdnError, LockTableError, QueueError, StorageError
from lambda_indexer.events.queue import QueueState
from lambda_indexer.model import ETag, Sha256, StoredObject
from lambda_indexer.ports import Acquisition, LockItem, PutOptions
from tests.fakes import in_parts

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")


class SimulatedQueue:
    """The queue of an invocation; implements `commands.Queue`."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def send(self, bodies: Iterable[Mapping[str, Any]]) -> int:
        waiting = [*bodies]
        for body in waiting:
            self._world.call("send", QueueError, lambda body=body: self._put(body))  # type: ignore[misc]
        return len(waiting)

    def _put(self, body: Mapping[str, Any]) -> None:
        self._world.receive(body)

    def state(self) -> QueueState:
        return QueueState(len(self._world.queue), 0, 0)


class SimulatedStorage:
    """The storage of an invocation; implements `ports.Storage`."""

    def __init__(self, world: "World") -> None:
        self._world, self._inner = world, world.storage

    def _call(self, what: str, effect: Callable[[], T]) -> T:
        return self._world.call(what, StorageError, effect)

    def list(
        self, bucket: str, prefix: str, known: Callable[[], Iterable[str]] | None = None
    ) -> Sequence[StoredObject]:
        def ask(after: str) -> Answer:
            return self._call(
                f"LIST {prefix} from {after!r}", lambda: self._inner.answer(bucket, prefix, after)
            )

        return in_parts(ask, known, self._inner.page_size)

    def directories(self, bucket: str, path: str) -> Iterator[str]:
        last, size = "", self._inner.page_size

        def ask() -> Sequence[str]:
            return [each for each in self._inner.directories(bucket, path) if each > last]

        while some := self._call(f"LIST {path} from {last!r}", ask)[:size]:
            yield from some
            last = some[-1]

    def walk(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        last, more = "", True

        def ask() -> Answer:
            return self._inner.answer(bucket, prefix, last, deep=True)

        while more:
            some, more = self._call(f"LIST {prefix}* from {last!r}", ask)
            yield from some
            last = some[-1].key if some else last

    def head(self, bucket: str, key: str) -> StoredObject:
        return self._call(f"HEAD {key}", lambda: self._inner.head(bucket, key))

    def sha256(self, bucket: str, key: str, if_match: ETag) -> Sha256 | None:
        return self._call(f"HEAD {key}", lambda: self._inner.sha256(bucket, key, if_match))

    def get(
        self, bucket: str, key: str, if_match: ETag | None = None, *, plain: bool = False
    ) -> tuple[bytes, ETag]:
        return self._call(f"GET {key}", lambda: self._inner.get(bucket, key, if_match, plain=plain))

    def get_range(self, bucket: str, key: str, start: int, end: int, if_match: ETag) -> bytes:
        return self._call(
            f"GET {key}", lambda: self._inner.get_range(bucket, key, start, end, if_match)
        )

    def put(
        self, bucket: str, key: str, body: bytes, options: PutOptions, if_match: ETag | None
    ) -> ETag:
        return self._call(
            f"PUT {key}", lambda: self._inner.put(bucket, key, body, options, if_match)
        )

    def delete(self, bucket: str, key: str, if_match: ETag) -> None:
        def remove() -> None:
            self._world.check_deletion(key)
            self._inner.delete(bucket, key, if_match)

        self._call(f"DELETE {key}", remove)

    def move(self, bucket: str, source: StoredObject, target: str) -> None:
        self._call(f"COPY {source.key} {target}", lambda: self._inner.copy(bucket, source, target))
        self.delete(bucket, source.key, source.etag)


class SimulatedCdn:
    """The CDN of an invocation, which caches files until they are invalidated."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def invalidate(self, paths: Sequence[str], reference: str) -> None:
        del reference
        if self._world.cdn_refusals:
            self._world.cdn_refusals -= 1
            raise CdnError("too many invalidations are in progress")
        self._world.call(f"invalidate {', '.join(paths)}", CdnError, lambda: self._forget(paths))

    def _forget(self, paths: Sequence[str]) -> None:
        kept = self._world.edge
        for path in map(unquote, paths):
            for key in [*kept]:
                if f"/{key}" == path or (path.endswith("*") and f"/{key}".startswith(path[:-1])):
                    del kept[key]


class SimulatedLockTable:
    """The lock table of an invocation; implements `ports.LockTable`."""

    def __init__(self, world: "World") -> None:
        self._world, self._inner = world, world.table

    def _call(self, what: str, effect: Callable[[], T]) -> T:
        return self._world.call(what, LockTableError, effect)

    def acquire(
        self, lock_id: str, owner: str, now: float, expires_at: float, unless_after: int | None
    ) -> Acquisition:
        return self._call(
            f"acquire {lock_id}",
            lambda: self._inner.acquire(lock_id, owner, now, expires_at, unless_after),
        )

    def release(self, lock_id: str, *rest: Any, **more: Any) -> bool:
        return self._call(f"release {lock_id}", lambda: self._inner.release(lock_id, *rest, **more))

    def forget(self, lock_id: str, stale: frozenset[str]) -> None:
        self._call(f"forget {lock_id}", lambda: self._inner.forget(lock_id, stale))

    def abandon(self, lock_id: str, owner: str, run: int | None) -> None:
        self._call(f"abandon {lock_id}", lambda: self._inner.abandon(lock_id, owner, run))

    def read(self, lock_id: str) -> LockItem:
        return self._call(f"look at {lock_id}", lambda: self._inner.read(lock_id))

    def declare(self, lock_id: str, entry: str, now: float) -> int | None:
        return self._call(f"declare {entry}", lambda: self._inner.declare(lock_id, entry, now))
