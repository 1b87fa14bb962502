"""Report the uploaders of moved files, whose copies have the function as their principal."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from lambda_indexer.errors import ObjectMissingError, UnreadableError
from lambda_indexer.events.batch import Result
from lambda_indexer.events.work import MisplacedFile
from lambda_indexer.index.filing import Filed
from lambda_indexer.index.uploaders import RESOLUTION
from lambda_indexer.ports import Storage


def uploads_of_moved(results: Iterable[Result], storage: Storage) -> Iterator[Mapping[str, Any]]:
    """Yield events in S3's format with the uploaders of moved files.

    This takes one request per moved file. Files that existed already are skipped.

    Args:
        results: The results of a batch.
        storage: The bucket.

    Raises:
        StorageError: S3 refused or failed.
    """
    for result in results:
        filed = result.outcome
        if (
            not isinstance(result.work, MisplacedFile)
            or not isinstance(filed, Filed)
            or not filed.project
        ):
            continue
        bucket = result.work.bucket
        for upload in result.cause.uploads:
            key = filed.project.path + upload.filename
            try:
                copy = storage.head(bucket, key)
            except (ObjectMissingError, UnreadableError):
                continue
            copied_since = upload.time and copy.last_modified + RESOLUTION >= upload.time
            if copied_since and copy.etag == upload.etag:
                yield _event(bucket, key, upload.etag, upload.principal, copy.last_modified)


def _event(bucket: str, key: str, etag: str, principal: str, time: datetime) -> Mapping[str, Any]:
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Copy",
        "eventTime": time.isoformat(),
        "userIdentity": {"principalId": principal},
        "s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key), "eTag": etag}},
    }
    return {"Records": [record]}
