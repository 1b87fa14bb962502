"""Parse the index's JSON pages (PEP 691).

Any uploader may have written a page, so malformed entries are ignored.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from packaging.utils import InvalidName, NormalizedName, canonicalize_name
from packaging.version import Version

from s3pypi.bucket import Page
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import version_in
from s3pypi.markers import Status
from s3pypi.pages.model import ListedFile, ProjectPage, RefusedFile


def project_names(content: Mapping[str, Any]) -> list[NormalizedName]:
    """Return the names on an index's JSON page, sorted."""
    return sorted({name for each in _objects(content, "projects") if (name := _name(each))})


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
