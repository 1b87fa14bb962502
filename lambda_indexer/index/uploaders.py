"""The uploaders of files, as far as events identify them unambiguously.

An event names its principal, and the ETag of what it uploaded. It may be late, or come twice, or
out of order, or not at all. So a principal is only kept if the event is about the version that the
record describes, and stays unknown otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from lambda_indexer.model import ProjectFile
from lambda_indexer.pages.site import Site

AMBIGUOUS: Final = ""
"""The uploader of a version that several principals have uploaded: it stays unknown for good."""

_MOST: Final = 256  # characters; an ID of AWS has fewer
RESOLUTION: Final = timedelta(seconds=1)  # of S3's modification times


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload, as its event describes it.

    Attributes:
        filename: of the distribution.
        etag: of the version.
        principal: the principal's ID, as S3 gives it.
        time: of the upload; None if unknown.
    """

    filename: str
    etag: str
    principal: str
    time: datetime | None = None


def with_uploaders(
    files: Sequence[ProjectFile],
    previous: Iterable[ProjectFile],
    uploads: Iterable[Upload],
    site: Site,
) -> tuple[ProjectFile, ...]:
    """Add the uploaders to the records of files, or remove them if pages must not show them.

    Args:
        files: the records; what they say of uploaders is not used.
        previous: the last page's records.
        uploads: what the events of this run say.
        site: says whether pages show uploaders, and which session is the function's own. Its copies
            are no uploads.
    """
    if not site.show_uploaders:
        return tuple(
            replace(each, uploader=None) if each.uploader is not None else each for each in files
        )
    by_version: dict[tuple[str, str], list[Upload]] = {}
    for upload in uploads:
        session = upload.principal.rpartition(":")[2]
        if session != site.session and len(upload.principal) <= _MOST:
            by_version.setdefault((upload.filename, upload.etag), []).append(upload)
    before = {file.filename: file for file in previous}
    return tuple(
        replace(file, uploader=_uploader(file, before.get(file.filename), by_version))
        for file in files
    )


def _uploader(
    file: ProjectFile,
    before: ProjectFile | None,
    uploads: Mapping[tuple[str, str], Iterable[Upload]],
) -> str | None:
    version = (file.etag, file.last_modified)
    if before and before.uploader is not None and version == (before.etag, before.last_modified):
        return before.uploader
    # The same content may have been uploaded before, by somebody else.
    principals = {
        upload.principal
        for upload in uploads.get((file.filename, file.etag), ())
        if upload.time is None or upload.time + RESOLUTION >= file.last_modified
    }
    if len(principals) > 1:
        return AMBIGUOUS
    return next(iter(principals), None)
