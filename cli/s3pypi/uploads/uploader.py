"""Upload distributions without overwriting existing files by accident."""

import contextlib
import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field
from threading import Event
from typing import IO, cast

from s3pypi.bucket import Bucket
from s3pypi.digest import MIB, Digest
from s3pypi.errors import (
    AwsError,
    ConflictError,
    DistributionError,
    ExistsError,
    MissingError,
    SetupError,
    is_interrupt,
)
from s3pypi.layout import file_key
from s3pypi.uploads.comparison import is_identical
from s3pypi.uploads.distribution import Distribution
from s3pypi.uploads.multipart import send_parts
from s3pypi.uploads.results import Existing, Outcome, Result
from s3pypi.uploads.watched_file import WatchedFile
from s3pypi.workers import GRACE, workers

_log = logging.getLogger(__name__)

LARGE = 64 * MIB
"""From this size, in bytes, the key is checked before the upload, and progress is reported."""

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between two attempts while another client is writing the same key."""


def _ignore(_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Uploader:
    """Uploads files to one index.

    Attributes:
        bucket: The bucket to upload to.
        prefix: The index's prefix, without slashes around it.
        existing: The policy for a file that already exists with different content.
        jobs: The maximum number of concurrent requests.
        finished: Called with each file's result as soon as it is known, from any thread.
        advance: Called with the number of bytes just sent, from any thread.
        sleep: Waits for a number of seconds.
        stop: Set when the upload is interrupted.
    """

    bucket: Bucket
    prefix: str = ""
    existing: Existing = Existing.SKIP
    jobs: int = 8
    finished: Callable[[Result], object] = _ignore
    advance: Callable[[int], object] = _ignore
    sleep: Callable[[float], object] = time.sleep
    stop: Event = field(default_factory=Event)

    def upload(self, distributions: Sequence[Distribution]) -> list[Result]:
        """Upload all files and return a result for each, in their order.

        Files are uploaded in parallel. Files that are too large for one request are uploaded one by
        one, with their parts in parallel, by the same workers. So there are at most `jobs`
        concurrent requests. If a file fails, the others continue.

        An interrupt stops pending requests within `GRACE`.

        Raises:
            SetupError: No file can be uploaded, for a reason such as invalid credentials.
        """
        with workers(self.jobs) as pool:
            small: list[Future[Result] | None] = []
            try:
                small += [
                    None if each.digest.parts else pool.submit(self._one, each, pool)
                    for each in distributions
                ]
                return [
                    future.result() if future else self._one(each, pool)
                    for each, future in zip(distributions, small, strict=True)
                ]
            except BaseException:
                self.stop.set()
                started = [each for each in small if each and not each.cancel()]
                wait(started, timeout=GRACE)
                raise

    def plan(self, distributions: Sequence[Distribution]) -> list[Result]:
        """Return the results that `upload` would have, without uploading.

        If a key may not be read, its result is `UPLOADED`, with the reason that this is unknown.

        Raises:
            SetupError: No file can be uploaded, for a reason such as invalid credentials.
        """

        def look(distribution: Distribution) -> Result:
            key = file_key(self.prefix, distribution.project, distribution.filename)
            try:
                result = self._compare(distribution, key)
            except MissingError:
                return Result(distribution, key, Outcome.UPLOADED)
            except SetupError:
                raise
            except AwsError as error:
                return Result(distribution, key, Outcome.UPLOADED, str(error))
            if self.existing is Existing.REPLACE and result.outcome is Outcome.SKIPPED:
                return Result(distribution, key, Outcome.UPLOADED)
            return result

        with workers(self.jobs) as pool:
            return list(pool.map(look, distributions))

    def _one(self, distribution: Distribution, pool: Executor) -> Result:
        key = file_key(self.prefix, distribution.project, distribution.filename)
        try:
            result = self._put_with_retries(distribution, key, pool)
        except SetupError:
            raise
        except (AwsError, DistributionError, OSError) as error:
            if is_interrupt(error):
                raise KeyboardInterrupt from error
            _log.debug("%s failed", distribution.path, exc_info=True)
            result = Result(distribution, key, Outcome.FAILED, str(error))
        if result.outcome is Outcome.UPLOADED and not _is_large(distribution.digest):
            self.advance(distribution.digest.size)
        self.finished(result)
        return result

    def _put_with_retries(self, distribution: Distribution, key: str, pool: Executor) -> Result:
        for pause in PAUSES:
            with contextlib.suppress(ConflictError):
                return self._attempt(distribution, key, pool)
            self.sleep(pause)
        return self._attempt(distribution, key, pool)

    def _attempt(self, distribution: Distribution, key: str, pool: Executor) -> Result:
        """Send a file once.

        Raises:
            ConflictError: Another client is writing or deleting the key; a later attempt may
                succeed.
        """
        replace = self.existing is Existing.REPLACE
        if _is_large(distribution.digest) and not replace:
            # Avoid sending gigabytes in vain. The conditional write ensures correctness.
            with contextlib.suppress(AwsError):
                return self._compare(distribution, key)
        try:
            etag = self._send(distribution, key, pool)
        except ExistsError:
            try:
                return self._compare(distribution, key)
            except MissingError as error:
                raise ConflictError(f"{key} keeps changing; try again") from error
            except AwsError as error:
                return self._taken(distribution, key, f", and could not be compared: {error}")
        return Result(distribution, key, Outcome.UPLOADED, etag=etag)

    def _send(self, distribution: Distribution, key: str, pool: Executor) -> str:
        replace = self.existing is Existing.REPLACE
        digest = distribution.digest
        if digest.parts:
            return send_parts(
                self.bucket,
                key,
                distribution,
                pool=pool,
                replace=replace,
                advance=self.advance,
            )
        with distribution.path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != digest.size:
                raise DistributionError("changed after it was checked; upload it again")
            advance = self.advance if _is_large(digest) else _ignore
            body = cast("IO[bytes]", WatchedFile(file, advance, self.stop))
            return self.bucket.put(key, body, digest.sha256, replace=replace)

    def _compare(self, distribution: Distribution, key: str) -> Result:
        """Return the result for a file whose key exists. Errors are those of `Bucket.head`."""
        stored = self.bucket.head(key)
        identical = is_identical(distribution, stored)
        if identical:
            return Result(distribution, key, Outcome.IDENTICAL, etag=stored.etag)
        unknown = ", and S3 has no checksum to compare"
        how = " with different content" if identical is False else unknown
        return self._taken(distribution, key, how)

    def _taken(self, distribution: Distribution, key: str, how: str) -> Result:
        outcome = Outcome.FAILED if self.existing is Existing.FAIL else Outcome.SKIPPED
        return Result(distribution, key, outcome, f"already exists{how}")


def _is_large(digest: Digest) -> bool:
    return bool(digest.parts) or digest.size >= LARGE
