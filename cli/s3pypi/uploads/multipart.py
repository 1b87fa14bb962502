"""Upload a large file in parts, in parallel."""

import io
import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from threading import Event
from typing import IO, cast

from s3pypi.bucket import Bucket
from s3pypi.digest import Part
from s3pypi.errors import AwsError, DistributionError, is_interrupt
from s3pypi.uploads.distribution import Distribution
from s3pypi.uploads.watched_file import WatchedFile
from s3pypi.workers import GRACE

_log = logging.getLogger(__name__)


def send_parts(
    bucket: Bucket,
    key: str,
    distribution: Distribution,
    *,
    pool: Executor,
    replace: bool,
    advance: Callable[[int], object],
) -> str:
    """Upload a file in the parts of its digest, and return the new object's ETag.

    A worker reads a part when it sends it, so there is one part in memory for each worker. After
    any failure, including an interrupt, all workers stop and the upload is aborted.

    Args:
        bucket: The bucket to upload to.
        key: The object's key.
        distribution: The file.
        pool: The workers; the caller must not be one of them.
        replace: Whether to replace an existing object.
        advance: Called with the number of bytes just sent.

    Raises:
        AwsError: As for `Bucket.complete_parts`.
        DistributionError: The file has changed after it was checked.
    """

    def send(part: Part) -> str:
        with distribution.path.open("rb") as file:
            file.seek(part.offset)
            body = file.read(part.size)
        if len(body) != part.size:
            raise DistributionError("changed after it was checked; upload it again")
        watched = WatchedFile(io.BytesIO(body), advance, stop)
        return bucket.put_part(key, upload, part, cast("IO[bytes]", watched))

    stop = Event()
    upload = bucket.start_parts(key)
    pending: list[Future[str]] = []
    try:
        parts = distribution.digest.parts
        for part in parts:  # one by one, because an interrupt may come in between
            pending.append(pool.submit(send, part))  # noqa: PERF401
        etags = [future.result() for future in pending]
        return bucket.complete_parts(key, upload, zip(parts, etags, strict=True), replace=replace)
    except BaseException as error:
        stop.set()
        for future in pending:
            future.cancel()
        # S3 would keep, and charge for, a part that arrives after the abort. After an interrupt,
        # parts that do not stop in time end with the process.
        wait(pending, timeout=GRACE if is_interrupt(error) else None)
        try:
            bucket.abort_parts(key, upload)
        except AwsError:
            _log.debug("could not abort the upload of %s", key, exc_info=True)
        raise
