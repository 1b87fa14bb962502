"""The protocols of the indexer's I/O: an object store, a lock table, a CDN, a parallel map."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from lambda_indexer.model import ETag, Sha256, StoredObject

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class PutOptions:
    """The headers of an object that the indexer writes.

    Attributes:
        content_type: the media type, with a charset where it has one.
        cache_control: how long caches may keep it.
    """

    content_type: str
    cache_control: str


class Storage(Protocol):
    """An object store with S3's guarantees: strongly consistent, conditional writes.

    Every method may raise `StorageError`; `ObjectMissingError` is raised only for a missing key,
    and `ChangedError` if the object is not the version that the condition names. Methods that read
    an object may raise `UnreadableError`. `sha256` and `get_range` also do so for an object
    with a content encoding: they are for files that clients receive unchanged.
    """

    def list(
        self, bucket: str, prefix: str, known: Callable[[], Iterable[str]] | None = None
    ) -> Sequence[StoredObject]:
        """The objects directly below a prefix (delimiter `/`), including the one of that name.

        Args:
            bucket: the bucket.
            prefix: ends in a slash, or is a key.
            known: returns keys that are probably there, so that the parts of a long listing can be
                requested in parallel. It is called only if one request is not enough. Then all of
                the listing is requested after it has returned: several requests do not show one
                moment; see `Pages.read_listed`.
        """

    def directories(self, bucket: str, path: str) -> Iterator[str]:
        """The directories directly below a directory, each slash-terminated, one by one."""

    def walk(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """All objects below a prefix, however deep, one by one."""

    def head(self, bucket: str, key: str) -> StoredObject:
        """One object as it is now."""

    def sha256(self, bucket: str, key: str, if_match: ETag) -> Sha256 | None:
        """The digest of the whole object that S3 has checked itself, None if it has none."""

    def get(
        self, bucket: str, key: str, if_match: ETag | None = None, *, plain: bool = False
    ) -> tuple[bytes, ETag]:
        """A whole object and its entity tag.

        Args:
            bucket: the bucket.
            key: of the object.
            if_match: the version.
            plain: whether it is a file for clients, which must not have a content encoding.
        """

    def get_range(self, bucket: str, key: str, start: int, end: int, if_match: ETag) -> bytes:
        """The bytes from `start` up to and without `end`."""

    def put(
        self, bucket: str, key: str, body: bytes, options: PutOptions, if_match: ETag | None
    ) -> ETag:
        """Write an object in place of this version; None if there must not be one yet."""

    def delete(self, bucket: str, key: str, if_match: ETag) -> None:
        """Delete this version of an object. It is no error if it is gone already."""

    def move(self, bucket: str, source: StoredObject, target: str) -> None:
        """Copy this version, within the store, to a key without an object; then delete it."""


MAX_PENDING = 1000
"""Pending entries of a lock: with the longest names they stay within DynamoDB's 400 KB an item."""


@dataclass(frozen=True, slots=True)
class LockItem:
    """An item of the lock table: a lease, and what its holders leave for the next run.

    Attributes:
        owner: who holds the lease, None if nobody does.
        expires_at: when that lease expires, in epoch seconds.
        run: a counter, raised by each acquisition.
        completed: the highest run that finished.
        dirty: a token left by a run that did not finish, None if there is none.
        pending: the declarations that a root page has not processed yet; see `root`.
        stale: what is still to be invalidated in the CDN: each a run's number, a space, and a path.
    """

    owner: str | None = None
    expires_at: float = 0
    run: int = 0
    completed: int = 0
    dirty: str | None = None
    pending: frozenset[str] = field(default_factory=frozenset)
    stale: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Acquisition:
    """The result of an attempt to acquire a lease.

    Attributes:
        run: the number of the new run, None if the lease was not acquired.
        before: the item as it was just before the attempt.
    """

    run: int | None
    before: LockItem


class LockTable(Protocol):
    """Lock items, each call one atomic conditional update. May raise `LockTableError`."""

    def acquire(
        self, lock_id: str, owner: str, now: float, expires_at: float, unless_after: int | None
    ) -> Acquisition:
        """Acquire a free or expired lease, unless a run after `unless_after` has completed."""

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
        """Release the lease after success.

        Removes the `dirty` token that was seen on acquisition, but no other, and `processed`
        from the pending entries. Replaces the item's stale entries by `stale` if there are any.

        Returns:
            False if another owner has taken the lease; the item is then marked dirty.
        """

    def abandon(self, lock_id: str, owner: str, run: int | None) -> None:
        """Release the lease after a failure, and mark the item dirty.

        Args:
            lock_id: the lock.
            owner: who fails.
            run: its run; None if the lease may not have been acquired. In that case, the item is
                only changed if the lease is this owner's.
        """

    def read(self, lock_id: str) -> LockItem:
        """Read the item, strongly consistent; an empty one if there is none."""

    def forget(self, lock_id: str, stale: frozenset[str]) -> None:
        """Remove entries that are invalidated from the item's `stale` ones."""

    def declare(self, lock_id: str, entry: str, now: float) -> int | None:
        """Add an entry to the pending ones, and return the item's run, in one call.

        Returns:
            None if there are `MAX_PENDING` entries already, so that this one was not added.
        """


class Cdn(Protocol):
    """The CDN in front of the bucket, which caches files for a year."""

    def invalidate(self, paths: Sequence[str], reference: str) -> None:
        """Invalidate objects.

        Args:
            paths: URL paths, percent-encoded, each beginning with a slash; a `*` at the end
                matches anything.
            reference: identifies the request, so that repeating it costs nothing.

        Raises:
            CdnError: it refused or failed.
        """


class Parallel(Protocol):
    """A `map` that may run its calls in parallel; results are in the order of the input."""

    def __call__(self, function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]:
        """Call the function with each item."""
