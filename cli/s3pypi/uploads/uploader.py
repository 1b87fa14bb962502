"""Sending checked distributions to the bucket, none of them over another by accident."""

import contextlib
import enum
import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, Any, cast

from s3pypi.bucket import Bucket
from s3pypi.digest import MIB, Digest
from s3pypi.errors import AwsError, ConflictError, DistributionError, ExistsError, MissingError
from s3pypi.layout import file_key
from s3pypi.uploads.comparison import is_identical
from s3pypi.uploads.distribution import Distribution
from s3pypi.uploads.multipart import send_parts

_log = logging.getLogger(__name__)

LARGE = 64 * MIB
"""From this size on a key is looked at before a file is sent there, and sending has progress."""

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between two attempts while somebody else is writing the same key."""


class Existing(enum.Enum):
    """What becomes of a file whose key is taken by different content."""

    SKIP = enum.auto()
    FAIL = enum.auto()
    REPLACE = enum.auto()


class Outcome(enum.StrEnum):
    """What became of a file."""

    UPLOADED = "uploaded"
    IDENTICAL = "identical"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Result:
    """What became of one file.

    Attributes:
        distribution: The file.
        key: Where it was to lie.
        outcome: What became of it.
        reason: Of `SKIPPED` and `FAILED`, for the user.
        etag: Of the object with this file's content, after `UPLOADED` and `IDENTICAL`.
    """

    distribution: Distribution
    key: str
    outcome: Outcome
    reason: str = ""
    etag: str = ""


def _ignore(_: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Uploader:
    """Uploads files to one index.

    Attributes:
        bucket: Where to.
        prefix: The index's, without slashes around it.
        existing: What becomes of a file whose key is taken by different content.
        jobs: How many requests are made at the same time.
        finished: Called, from any thread, with each file's result as soon as it is known.
        advance: Called, from any thread, with the number of bytes just sent.
        sleep: Waits so many seconds.
    """

    bucket: Bucket
    prefix: str = ""
    existing: Existing = Existing.SKIP
    jobs: int = 8
    finished: Callable[[Result], object] = _ignore
    advance: Callable[[int], object] = _ignore
    sleep: Callable[[float], object] = time.sleep

    def upload(self, distributions: Sequence[Distribution]) -> list[Result]:
        """Send all files and return what became of each, in their order.

        Files go up side by side. Those too large for one request go up one after the other, each in
        parts side by side, by the same workers: so there are never more than `jobs` requests under
        way. A file's failure is its own: the others go on.
        """
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                small = [
                    None if each.digest.parts else pool.submit(self._one, each, pool)
                    for each in distributions
                ]
                return [
                    future.result() if future else self._one(each, pool)
                    for each, future in zip(distributions, small, strict=True)
                ]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _one(self, distribution: Distribution, pool: Executor) -> Result:
        key = file_key(self.prefix, distribution.project, distribution.filename)
        try:
            result = self._insist(distribution, key, pool)
        except (AwsError, DistributionError, OSError) as error:
            _log.debug("%s failed", distribution.path, exc_info=True)
            result = Result(distribution, key, Outcome.FAILED, str(error))
        if result.outcome is Outcome.UPLOADED and not _is_large(distribution.digest):
            self.advance(distribution.digest.size)
        self.finished(result)
        return result

    def _insist(self, distribution: Distribution, key: str, pool: Executor) -> Result:
        for pause in PAUSES:
            with contextlib.suppress(ConflictError):
                return self._attempt(distribution, key, pool)
            self.sleep(pause)
        return self._attempt(distribution, key, pool)

    def _attempt(self, distribution: Distribution, key: str, pool: Executor) -> Result:
        """Send a file once.

        Raises:
            ConflictError: The key is being written or deleted at this moment; another attempt may
                find out how that ended.
        """
        replace = self.existing is Existing.REPLACE
        if _is_large(distribution.digest) and not replace:
            # Not to send gigabytes in vain; only the condition at the end is to be relied on.
            with contextlib.suppress(AwsError):
                return self._compare(distribution, key)
        try:
            etag = self._send(distribution, key, pool)
        except ExistsError:
            try:
                return self._compare(distribution, key)
            except MissingError as error:
                raise ConflictError(f"{key} appears and disappears; try again") from error
            except AwsError as error:
                return self._taken(distribution, key, f"cannot tell whether identical: {error}")
        return Result(distribution, key, Outcome.UPLOADED, etag=etag)

    def _send(self, distribution: Distribution, key: str, pool: Executor) -> str:
        replace = self.existing is Existing.REPLACE
        digest = distribution.digest
        if digest.parts:
            return send_parts(
                self.bucket, key, distribution, pool=pool, replace=replace, advance=self.advance
            )
        with distribution.path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != digest.size:
                raise DistributionError("changed after it was checked; upload it again")
            watched = cast("IO[bytes]", _Watched(file, self.advance))
            body = watched if _is_large(digest) else file
            return self.bucket.put(key, body, digest.sha256, replace=replace)

    def _compare(self, distribution: Distribution, key: str) -> Result:
        """Return the result for a file whose key is taken, as `Bucket.head` finds it."""
        stored = self.bucket.head(key)
        identical = is_identical(distribution, stored)
        if identical:
            return Result(distribution, key, Outcome.IDENTICAL, etag=stored.etag)
        unknown = "and S3 keeps nothing that tells whether identical"
        how = "with different content" if identical is False else unknown
        return self._taken(distribution, key, how)

    def _taken(self, distribution: Distribution, key: str, how: str) -> Result:
        outcome = Outcome.FAILED if self.existing is Existing.FAIL else Outcome.SKIPPED
        return Result(distribution, key, outcome, f"exists already, {how}")


def _is_large(digest: Digest) -> bool:
    return bool(digest.parts) or digest.size >= LARGE


class _Watched:
    """A file whose reading is progress; what is read again, to sign it or to retry, is none."""

    def __init__(self, file: IO[bytes], advance: Callable[[int], object]) -> None:
        self._file, self._advance = file, advance
        self._furthest = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the file has
        return getattr(self._file, name)

    def read(self, size: int = -1, /) -> bytes:
        """Read from the file."""
        block = self._file.read(size)
        beyond = self._file.tell() - self._furthest
        if beyond > 0:
            self._furthest += beyond
            self._advance(beyond)
        return block
