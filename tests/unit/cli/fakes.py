"""A bucket in memory, which passes the tests of the adapter, and a fake Lambda function."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO, Any

from s3pypi.bucket import Deleted, Page, Stored
from s3pypi.digest import Part, base64
from s3pypi.errors import AwsError, ChangedError, ExistsError, MissingError

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FakeObject:
    """An object and its metadata."""

    content: bytes
    etag: str
    sha256: str | None
    etag_is_md5: bool


def plain(content: bytes, *, checksum: bool = False) -> FakeObject:
    """Return an object from one request, with or without a checksum of the uploader."""
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    sha256 = base64(hashlib.sha256(content).digest()) if checksum else None
    return FakeObject(content, md5, sha256, etag_is_md5=True)


@dataclass
class FakeBucket:
    """Implements `bucket.Bucket`.

    Attributes:
        name: The bucket's.
        objects: By their keys.
        deleted: The newest version of each object that was deleted, in the order of the deletions.
        types: Of the markers, by their keys.
        uploads: Parts sent for objects that are not complete, by the undertaking's id.
        requests: Each method's name and key, in order.
        before: Called with a method's name and key before it does anything; may raise.
    """

    name: str = "bucket"
    objects: dict[str, FakeObject] = field(default_factory=dict)
    deleted: dict[str, FakeObject] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda _method, _key: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, key: str, body: IO[bytes], sha256: bytes, *, replace: bool) -> str:
        """Write an object whole."""
        self._request("put", key)
        content = _sent(body)
        _check(content, sha256)
        return self._store(key, plain(content, checksum=True), replace=replace)

    def put_marker(self, key: str, content: bytes, content_type: str) -> None:
        """Write a small object that may change later."""
        self._request("put_marker", key)
        self.types[key] = content_type
        self._store(key, plain(content, checksum=True), replace=True)

    def head(self, key: str) -> Stored:
        """Describe an object."""
        self._request("head", key)
        there = self._there(key)
        return Stored(len(there.content), there.etag, there.sha256, there.etag_is_md5)

    def get(self, key: str, known: Page | None = None) -> Page:
        """Return an object's content."""
        self._request("get", key)
        there = self._there(key)
        return known if known and known.etag == there.etag else Page(there.content, there.etag)

    def read_start(self, key: str, size: int) -> bytes:
        """Return an object's first bytes."""
        self._request("read_start", key)
        return self._there(key).content[:size]

    def list(self, directory: str) -> Iterator[str]:
        """Yield the keys directly under a key prefix."""
        self._request("list", directory)
        for key in sorted(self.objects):
            if key.startswith(directory) and "/" not in key.removeprefix(directory):
                yield key

    def delete(self, key: str, etag: str | None = None) -> None:
        """Delete an object."""
        self._request("delete", key)
        if etag and key in self.objects and self.objects[key].etag != etag:
            raise ChangedError(
                f"cannot delete s3://{self.name}/{key}: it has changed meanwhile; run the command"
                " again"
            )
        if key in self.objects:
            self.deleted.pop(key, None)  # so that the order is that of the deletions
            self.deleted[key] = self.objects.pop(key)

    def copy(self, source: str, target: str, etag: str) -> str:
        """Copy an object to a key that does not exist."""
        self._request("copy", target)
        there = self._there(source)
        if there.etag != etag:
            raise ExistsError("the source has changed")
        return self._store(target, there, replace=False)

    def list_deleted(self, directory: str) -> Iterator[Deleted]:
        """Yield the newest version of each deleted object directly under a key prefix."""
        self._request("list_deleted", directory)
        for key in sorted(self.deleted.keys() - self.objects.keys()):
            if key.startswith(directory) and "/" not in key.removeprefix(directory):
                when = EPOCH + timedelta(seconds=list(self.deleted).index(key))
                yield Deleted(key, "version", when)

    def restore(self, deleted: Deleted) -> None:
        """Restore a deleted object."""
        self._request("restore", deleted.key)
        self._store(deleted.key, self.deleted[deleted.key], replace=False)

    def start_parts(self, key: str) -> str:
        """Start a multipart upload."""
        self._request("start_parts", key)
        upload = f"upload-{len(self.requests)}"
        self.uploads[upload] = {}
        return upload

    def put_part(self, key: str, upload: str, part: Part, body: IO[bytes]) -> str:
        """Upload a part."""
        self._request("put_part", key)
        content = _sent(body)
        _check(content, part.sha256)
        self.uploads[upload][part.number] = content
        return plain(content).etag

    def complete_parts(
        self, key: str, upload: str, parts: Iterable[tuple[Part, str]], *, replace: bool
    ) -> str:
        """Complete the upload."""
        self._request("complete_parts", key)
        bodies = [self.uploads[upload][part.number] for part, _etag in parts]
        digest = hashlib.sha256(b"".join(hashlib.sha256(body).digest() for body in bodies)).digest()
        content = b"".join(bodies)
        there = FakeObject(
            content,
            f"{plain(content).etag}-{len(bodies)}",
            f"{base64(digest)}-{len(bodies)}",
            etag_is_md5=False,
        )
        etag = self._store(key, there, replace=replace)
        del self.uploads[upload]
        return etag

    def abort_parts(self, key: str, upload: str) -> None:
        """Abort the upload."""
        self._request("abort_parts", key)
        self.uploads.pop(upload, None)

    def _request(self, method: str, key: str) -> None:
        with self._lock:
            self.requests.append((method, key))
        self.before(method, key)

    def _there(self, key: str) -> FakeObject:
        try:
            return self.objects[key]
        except KeyError:
            raise MissingError(f"s3://{self.name}/{key}: it does not exist") from None

    def _store(self, key: str, there: FakeObject, *, replace: bool) -> str:
        with self._lock:
            if key in self.objects and not replace:
                raise ExistsError(f"s3://{self.name}/{key}: it exists")
            self.objects[key] = there
            return there.etag


def _sent(body: IO[bytes]) -> bytes:
    """Read a body twice like botocore, which signs it first, and return it."""
    body.read()
    body.seek(0)
    getattr(body, "start_sending", lambda: None)()
    return body.read()


def _check(content: bytes, sha256: bytes) -> None:
    if hashlib.sha256(content).digest() != sha256:
        raise AwsError("the content that arrived differs from the file that was checked")


class FakeFunction:
    """A fake of the indexer's Lambda function with configurable responses.

    Attributes:
        differences: Places, and what is wrong there.
        count: How many there are, when that is more than it tells.
        repairable: How many of them a rebuild repairs; None for all.
        objects: How many it has looked at.
        projects: How many it has found.
        regenerated: How many projects a rebuild regenerates.
        messages: In how many messages.
        states: What each look at the queue finds; the last one for ever after.
        error: What every request fails with.
        answers: What it answers to other commands.
        requests: All there were.
    """

    def __init__(
        self,
        differences: Sequence[tuple[str, str]] = (),
        queue: Sequence[tuple[int, int, int] | BaseException] = ((0, 0, 0),),
    ) -> None:
        self.differences = differences
        self.count: int | None = None
        self.repairable: int | None = None
        self.objects, self.projects = 7, 2
        self.regenerated, self.messages = 2, 1
        self.states = list(queue)
        self.error: Exception | None = None
        self.answers: dict[str, object] = {}
        self.requests: list[Mapping[str, Any]] = []

    def ask(self, request: Mapping[str, Any]) -> object:
        self.requests.append(request)
        if self.error:
            raise self.error
        if request["command"] == "queue":
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            if isinstance(state, BaseException):
                raise state
            return dict(zip(("waiting", "in_flight", "dead"), state, strict=True))
        if request["command"] in self.answers:
            return self.answers[request["command"]]
        answer = {
            "objects": self.objects,
            "projects": self.projects,
            "count": len(self.differences) if self.count is None else self.count,
            "repairable": len(self.differences) if self.repairable is None else self.repairable,
            "differences": [{"place": place, "what": what} for place, what in self.differences],
        }
        if request["command"] == "rebuild":
            answer |= {"regenerated": self.regenerated, "messages": self.messages}
        return answer
