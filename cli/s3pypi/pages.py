"""Read the index's JSON pages (PEP 691) from the bucket.

This only needs `s3:GetObject`. Any uploader may have written a page, so malformed entries are
ignored.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from packaging.utils import InvalidName, NormalizedName, canonicalize_name
from packaging.version import Version

from s3pypi.bucket import Bucket, Page
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import version_in
from s3pypi.errors import ForbiddenError, MissingError, S3PyPIError
from s3pypi.layout import page_key, root_page_key
from s3pypi.markers import Status


@dataclass(frozen=True)
class ListedFile:
    """A file on a page; also a file of a quarantined project.

    Attributes:
        filename: The filename, which is the last segment of the key.
        version: The version in the filename; None if it has no valid one.
        size: The size in bytes; None if unknown.
        sha256: The SHA-256 in hexadecimal.
        etag: The ETag of the indexed object.
        uploaded: When this content was first indexed; None if unknown.
        requires_python: The Requires-Python of its metadata.
        yanked: The reason of the yank, which may be empty; None if the file is not yanked.
        uploader: The ID of the principal who uploaded the file; None if it is unknown.
    """

    filename: str
    version: Version | None
    size: int | None
    sha256: str
    etag: str
    uploaded: datetime | None
    requires_python: str | None
    yanked: str | None
    uploader: str | None = None


@dataclass(frozen=True)
class RefusedFile:
    """A file in the project's directory that the index does not list.

    Attributes:
        filename: The filename, which is the last segment of the key.
        etag: The ETag of the refused object.
        reason: The reason, for people.
    """

    filename: str
    etag: str
    reason: str


@dataclass(frozen=True)
class ProjectPage:
    """The content of a project's page.

    Attributes:
        name: The project's name.
        status: The project's status (PEP 792).
        reason: The reason for the status; may be empty.
        files: The files in the order of the page, newest version first.
        refused: The first hundred refused files, sorted by filename.
        unshown: Fingerprints of the other refused files; see `layout.fingerprint`.
    """

    name: NormalizedName
    status: Status
    reason: str
    files: tuple[ListedFile, ...]
    refused: tuple[RefusedFile, ...]
    unshown: frozenset[str] = frozenset()

    @property
    def versions(self) -> tuple[Version, ...]:
        """The distinct versions of the files, in the order of the page."""
        return tuple(dict.fromkeys(each.version for each in self.files if each.version))


def read_root(bucket: Bucket, prefix: str) -> list[NormalizedName]:
    """Return the names of an index's projects, sorted.

    Raises:
        S3PyPIError: The index does not exist.
        AwsError: The page cannot be read.
    """
    key = root_page_key(prefix)
    where = f"s3://{bucket.name}/{key}"
    content = parse_page(_read(bucket, key, f"there is no index: {where} does not exist"))
    if "projects" not in content:
        raise S3PyPIError(f"{where} is not the page of an index; check --prefix")
    return sorted({name for each in _objects(content, "projects") if (name := _name(each))})


def read_project(bucket: Bucket, prefix: str, project: NormalizedName) -> ProjectPage:
    """Return a project's page.

    Raises:
        S3PyPIError: The project does not exist.
        AwsError: The page cannot be read.
    """
    key = page_key(prefix, project)
    absent = f"there is no project {project}: s3://{bucket.name}/{key} does not exist"
    content = parse_page(_read(bucket, key, absent))
    if "files" not in content:
        raise S3PyPIError(f"s3://{bucket.name}/{key} is not the page of a project; check --prefix")
    return project_page(content, project)


def project_page(content: Mapping[str, Any], project: NormalizedName) -> ProjectPage:
    """Parse the content of a project's JSON page."""
    marker = content.get("project-status")
    status = marker if isinstance(marker, dict) else {}
    known = status.get("status") in list(Status)
    files = [*_objects(content, "files"), *_objects(content, "_withheld")]
    return ProjectPage(
        name=project,
        status=Status(status["status"]) if known else Status.ACTIVE,
        reason=_text(status, "reason") or "",
        files=tuple(_file(each, project) for each in files if _text(each, "filename")),
        refused=tuple(
            RefusedFile(
                _text(each, "filename") or "",
                (_text(each, "etag") or "").strip('"'),
                _text(each, "reason") or "",
            )
            for each in _objects(content, "_quarantined")
        ),
        unshown=frozenset(filter(_is_text, _list(content, "_quarantined-too"))),
    )


def parse_page(page: Page | None) -> dict[str, Any]:
    """Return the JSON object of a page; empty if there is no page or it is not a JSON object."""
    try:
        content = json.loads(page.content) if page else {}
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _read(bucket: Bucket, key: str, absent: str) -> Page:
    try:
        return bucket.get(key)
    except MissingError as error:
        raise S3PyPIError(f"{absent}; check the name, --bucket and --prefix") from error
    except ForbiddenError as error:
        raise ForbiddenError(
            f"{error}; without s3:ListBucket, S3 gives the same answer for a missing page"
        ) from error


def _file(entry: Mapping[str, Any], project: NormalizedName) -> ListedFile:
    filename = _text(entry, "filename") or ""
    hashes, size, yanked = entry.get("hashes"), entry.get("size"), entry.get("yanked")
    return ListedFile(
        filename=filename,
        version=_version(filename, project),
        size=size if isinstance(size, int) else None,
        sha256=(_text(hashes, "sha256") or "") if isinstance(hashes, dict) else "",
        etag=(_text(entry, "_etag") or "").strip('"'),
        uploaded=_time(_text(entry, "upload-time")),
        requires_python=_text(entry, "requires-python"),
        yanked=(yanked if isinstance(yanked, str) else "") if yanked else None,
        uploader=_text(entry, "_uploader") or None,
    )


def _objects(content: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [each for each in _list(content, name) if isinstance(each, dict)]


def _list(content: Mapping[str, Any], name: str) -> list[Any]:
    several = content.get(name)
    return several if isinstance(several, list) else []


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _text(entry: Mapping[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return value if isinstance(value, str) else None


def _name(entry: Mapping[str, Any]) -> NormalizedName | None:
    try:
        return canonicalize_name(_text(entry, "name") or "", validate=True)
    except InvalidName:
        return None


def _version(filename: str, project: NormalizedName) -> Version | None:
    try:
        return version_in(filename, project)
    except InvalidDistributionError:
        return None


def _time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else None
