"""S3 and the lock table in memory; they pass the same contract tests as the adapters."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lambda_indexer.aws.listing import EVERY, Answer, list_in_parts
from lambda_indexer.errors import CdnError, ChangedError, ObjectMissingError, UnreadableError
from lambda_indexer.events.queue import QueueState
from lambda_indexer.locks.memory import LocalLockTable
from lambda_indexer.model import ETag, Sha256, StoredObject
from lambda_indexer.ports import Acquisition, LockItem, PutOptions

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that only advances when a test sleeps."""

    now: float = 1_767_225_600.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.now += seconds


@dataclass(frozen=True)
class MemoryObject:
    """The content and the attributes of an object."""

    body: bytes
    etag: ETag
    last_modified: datetime
    sha256: Sha256 | None = None
    options: PutOptions | None = None
    encoding: str = ""


def in_parts(
    ask: Callable[[str], Answer], known: Callable[[], Iterable[str]] | None, every: int
) -> Sequence[StoredObject]:
    """List a directory as the adapter does, with a function that makes one request."""

    def answers(after: str) -> Iterator[Answer]:
        more = True
        while more:
            objects, more = ask(after)
            yield objects, more
            after = objects[-1].key if objects else after

    return list_in_parts(answers, known, map, every)


@dataclass
class MemoryStorage:
    """`ports.Storage` in memory.

    Attributes:
        objects: by bucket and key.
        calls: the requests that S3 would have been sent, in order.
        before: called before each of them; it may raise, or change the bucket.
        changed: called with the key of each object that is put or deleted, as S3's events tell.
        page_size: how many objects one answer to a LIST shows.
        opaque: whether entity tags are no MD5, and are never the same twice, as with KMS.
        version: how many changes there have been.
        vanished: contents of which no object was left when the product deleted one.
        withdrawn: contents that clients have removed or overwritten themselves.
    """

    objects: dict[tuple[str, str], MemoryObject] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda _operation, _key: None
    changed: Callable[[str], None] = lambda _key: None
    page_size: int = 1000
    opaque: bool = False
    version: int = 0
    vanished: set[bytes] = field(default_factory=set)
    withdrawn: set[bytes] = field(default_factory=set)
    _ticks: int = 0
    _tags: int = 0

    def upload(
        self,
        bucket: str,
        key: str,
        body: bytes,
        *,
        checksum: bool = False,
        etag: str | None = None,
        encoding: str = "",
    ) -> None:
        """Put an object as a client."""
        if (bucket, key) in self.objects:
            self.withdrawn.add(self.objects[bucket, key].body)
        digest = Sha256(hashlib.sha256(body).hexdigest()) if checksum else None
        self._store(
            bucket,
            key,
            MemoryObject(
                body, ETag(etag or self._etag(body)), self._now(), digest, encoding=encoding
            ),
        )

    def keys(self, bucket: str) -> list[str]:
        """Return all keys of a bucket, in order."""
        return sorted(key for owner, key in self.objects if owner == bucket)

    def body(self, bucket: str, key: str) -> bytes:
        """Return the content of an object."""
        return self.objects[bucket, key].body

    def remove(self, bucket: str, key: str) -> None:
        """Delete an object as a client."""
        self.withdrawn.add(self.objects[bucket, key].body)
        del self.objects[bucket, key]
        self._note(key)

    def operations(self) -> list[str]:
        """Return the names of the requests."""
        return [operation for operation, _ in self.calls]

    def list(
        self, bucket: str, prefix: str, known: Callable[[], Iterable[str]] | None = None
    ) -> Sequence[StoredObject]:
        return in_parts(lambda after: self.answer(bucket, prefix, after), known, EVERY)

    def answer(self, bucket: str, prefix: str, after: str, *, deep: bool = False) -> Answer:
        """Answer one LIST request, for a directory or all below it, from after a key."""
        self._call("LIST", prefix)
        keys = [
            key
            for key in self.keys(bucket)
            if key.startswith(prefix) and (deep or "/" not in key[len(prefix) :]) and key > after
        ]
        some = keys[: self.page_size]
        return [stored_object(key, self.objects[bucket, key]) for key in some], some != keys

    def directories(self, bucket: str, path: str) -> Iterator[str]:
        self._call("LIST", path)
        below = (key[len(path) :] for key in self.keys(bucket) if key.startswith(path))
        names = dict.fromkeys(key.partition("/")[0] for key in below if "/" in key)
        yield from [f"{path}{name}/" for name in names]

    def walk(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        keys = [key for key in self.keys(bucket) if key.startswith(prefix)]
        for number, key in enumerate(keys):
            if number % 1000 == 0:
                self._call("LIST", prefix)
            yield stored_object(key, self.objects[bucket, key])

    def head(self, bucket: str, key: str) -> StoredObject:
        self._call("HEAD", key)
        return stored_object(key, self._find(bucket, key))

    def sha256(self, bucket: str, key: str, if_match: ETag) -> Sha256 | None:
        self._call("HEAD", key)
        return _check_plain(self._find(bucket, key, if_match)).sha256

    def get(
        self, bucket: str, key: str, if_match: ETag | None = None, *, plain: bool = False
    ) -> tuple[bytes, ETag]:
        self._call("GET", key)
        found = self._find(bucket, key, if_match)
        if plain:
            _check_plain(found)
        return found.body, found.etag

    def get_range(self, bucket: str, key: str, start: int, end: int, if_match: ETag) -> bytes:
        self._call("GET", key)
        return _check_plain(self._find(bucket, key, if_match)).body[start:end]

    def put(
        self, bucket: str, key: str, body: bytes, options: PutOptions, if_match: ETag | None
    ) -> ETag:
        self._call("PUT", key)
        there = self.objects.get((bucket, key))
        if (there.etag if there else None) != if_match:
            raise ChangedError(f"{bucket}/{key}")
        etag = self._etag(body)
        self._store(bucket, key, MemoryObject(body, etag, self._now(), None, options))
        return etag

    def delete(self, bucket: str, key: str, if_match: ETag) -> None:
        self._call("DELETE", key)
        there = self.objects.get((bucket, key))
        if there is None:
            return
        if there.etag != if_match:
            raise ChangedError(f"{bucket}/{key}")
        del self.objects[bucket, key]
        if all(other.body != there.body for other in self.objects.values()):
            self.vanished.add(there.body)
        self._note(key)

    def move(self, bucket: str, source: StoredObject, target: str) -> None:
        self.copy(bucket, source, target)
        self.delete(bucket, source.key, source.etag)

    def copy(self, bucket: str, source: StoredObject, target: str) -> None:
        """Perform the first half of a move."""
        self._call("COPY", target)
        found = self._find(bucket, source.key, source.etag)
        if (bucket, target) in self.objects:
            raise ChangedError(f"{bucket}/{target}")
        digest = Sha256(hashlib.sha256(found.body).hexdigest())
        moved = replace(found, last_modified=self._now(), sha256=digest)
        self._store(bucket, target, replace(moved, etag=self._etag(found.body, found.etag)))

    def _store(self, bucket: str, key: str, stored: MemoryObject) -> None:
        self.objects[bucket, key] = stored
        self._note(key)

    def _etag(self, body: bytes, given: ETag | None = None) -> ETag:
        self._tags += 1
        return ETag(f"opaque-{self._tags}") if self.opaque else given or ETag(_md5(body))

    def _note(self, key: str) -> None:
        self.version += 1
        self.changed(key)

    def _find(self, bucket: str, key: str, if_match: ETag | None = None) -> MemoryObject:
        found = self.objects.get((bucket, key))
        if found is None:
            raise ObjectMissingError(f"{bucket}/{key}")
        if if_match is not None and found.etag != if_match:
            raise ChangedError(f"{bucket}/{key}")
        return found

    def _call(self, operation: str, key: str) -> None:
        self.before(operation, key)
        self.calls.append((operation, key))

    def _now(self) -> datetime:
        self._ticks += 1
        return EPOCH + timedelta(seconds=self._ticks)


@dataclass
class MemoryLockTable(LocalLockTable):
    """`ports.LockTable` in memory, as DynamoDB would have it.

    Attributes:
        calls: the requests that DynamoDB would have been sent, in order.
    """

    calls: list[tuple[str, str]] = field(default_factory=list)

    runs_a_second = 1
    unknown = None

    def acquire(
        self, lock_id: str, owner: str, now: float, expires_at: float, unless_after: int | None
    ) -> Acquisition:
        self.calls.append(("acquire", lock_id))
        return super().acquire(lock_id, owner, now, expires_at, unless_after)

    def release(
        self,
        lock_id: str,
        owner: str,
        run: int,
        dirty: str | None,
        processed: frozenset[str],
        *,
        stale: frozenset[str] = frozenset(),
    ) -> bool:
        self.calls.append(("release", lock_id))
        return super().release(lock_id, owner, run, dirty, processed, stale=stale)

    def abandon(self, lock_id: str, owner: str, run: int | None) -> None:
        self.calls.append(("abandon", lock_id))
        super().abandon(lock_id, owner, run)

    def forget(self, lock_id: str, stale: frozenset[str]) -> None:
        self.calls.append(("forget", lock_id))
        super().forget(lock_id, stale)

    def read(self, lock_id: str) -> LockItem:
        self.calls.append(("read", lock_id))
        return super().read(lock_id)

    def declare(self, lock_id: str, entry: str, now: float) -> int | None:
        self.calls.append(("declare", lock_id))
        return super().declare(lock_id, entry, now)


@dataclass
class MemoryQueue:
    """`queue.Queue` in memory.

    Attributes:
        bodies: the messages sent, as they arrive.
    """

    bodies: list[str] = field(default_factory=list)

    def send(self, bodies: Iterable[Mapping[str, Any]]) -> int:
        before = len(self.bodies)
        self.bodies += [json.dumps(body) for body in bodies]
        return len(self.bodies) - before

    def state(self) -> QueueState:
        return QueueState(waiting=len(self.bodies), in_flight=0, dead=0)


@dataclass
class MemoryCdn:
    """`ports.Cdn` in memory.

    Attributes:
        invalidated: the paths of each invalidation.
        failing: whether it refuses.
    """

    invalidated: list[list[str]] = field(default_factory=list)
    failing: bool = False

    def invalidate(self, paths: Sequence[str], reference: str) -> None:
        if self.failing:
            raise CdnError(f"throttled: {reference}")
        self.invalidated.append([*paths])


def stored_object(key: str, found: MemoryObject) -> StoredObject:
    """An object as a listing shows it."""
    return StoredObject(key, found.etag, len(found.body), found.last_modified)


def _check_plain(found: MemoryObject) -> MemoryObject:
    if found.encoding:
        raise UnreadableError(f"it is stored with Content-Encoding: {found.encoding}")
    return found


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def checksum(body: bytes) -> str:
    """Return a SHA-256 in S3's format."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()
