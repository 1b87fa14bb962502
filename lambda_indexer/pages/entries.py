"""Parse the entries of a project's JSON page, as `rendering` wrote them.

Every function raises one of `UNUSABLE` for an entry that is malformed, or of another version.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from packaging.utils import NormalizedName

from lambda_indexer.model import (
    ProjectFile,
    ProjectStatus,
    RefusedFile,
    Sha256,
    Sidecar,
    UnreadFile,
    Yank,
)
from lambda_indexer.pages.rendering import (
    ETAG_KEY,
    MODIFIED_KEY,
    SIDECAR_ETAG_KEY,
    STATUS_ETAG_KEY,
    UPLOADER_KEY,
    YANK_ETAG_KEY,
)
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import version_in
from s3pypi.markers import Status

UNUSABLE: Final = (
    AttributeError,
    TypeError,
    KeyError,
    ValueError,
    ArithmeticError,
    InvalidDistributionError,
)

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def parse_file(project: NormalizedName, entry: Mapping[str, Any]) -> ProjectFile:
    """Parse a listed file."""
    sidecar, yank = None, None
    if "core-metadata" in entry:
        sidecar = Sidecar(entry["core-metadata"]["sha256"], entry[SIDECAR_ETAG_KEY])
    if "yanked" in entry:
        reason = "" if entry["yanked"] is True else entry["yanked"]
        yank = Yank(reason, entry[YANK_ETAG_KEY])
    return ProjectFile(
        filename=entry["filename"],
        version=version_in(entry["filename"], project),
        etag=entry[ETAG_KEY],
        size=entry["size"],
        sha256=entry["hashes"]["sha256"],
        upload_time=_time(entry["upload-time"]),
        modified=_time(entry[MODIFIED_KEY]) if MODIFIED_KEY in entry else None,
        requires_python=entry.get("requires-python"),
        sidecar=sidecar,
        yank=yank,
        uploader=entry.get(UPLOADER_KEY),
    )


def parse_unread(project: NormalizedName, entry: Mapping[str, Any]) -> UnreadFile:
    """Parse the parts of a file's entry that are used even if somebody edited the page."""
    filename, digest = entry["filename"], entry["hashes"]["sha256"]
    version_in(filename, project)
    if not _DIGEST.fullmatch(digest):
        raise ValueError(digest)
    return UnreadFile(filename, Sha256(digest), _time(entry["upload-time"]))


def parse_refused(entry: Mapping[str, Any]) -> RefusedFile:
    """Parse a refused file."""
    return RefusedFile(
        entry["filename"], entry["etag"], entry["size"], entry["reason"], "again" in entry
    )


def parse_status(page: Mapping[str, Any]) -> ProjectStatus:
    """Parse the status of a project from its page."""
    said = page["project-status"]
    return ProjectStatus(Status(said["status"]), said.get("reason", ""), page[STATUS_ETAG_KEY])


def _time(value: str) -> datetime:
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError(value)
    return time if time.tzinfo is UTC else time.astimezone(UTC)
