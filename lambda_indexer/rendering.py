"""From a page to the bytes that are served: HTML and JSON of the Simple Repository API 1.4.

The same page gives the same bytes for ever: nothing here reads a clock or depends on a hash order.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lambda_indexer.model import ProjectFile, ProjectPage, RootPage, one_line

API_VERSION: Final = "1.4"
JSON_TYPE: Final = "application/vnd.pypi.simple.v1+json"
HTML_TYPE: Final = "text/html; charset=utf-8"

# Keys that begin with an underscore are private to the server (PEP 691).
ETAG_KEY: Final = "_etag"
SIDECAR_ETAG_KEY: Final = "_metadata-etag"
YANK_ETAG_KEY: Final = "_yanked-etag"
STATUS_ETAG_KEY: Final = "_project-status-etag"
QUARANTINED_KEY: Final = "_quarantined"
WITHHELD_KEY: Final = "_withheld"


def project_json(page: ProjectPage) -> bytes:
    """The JSON project page, which is the indexer's own record as well (see `state`)."""
    shown: dict[str, Any] = {"meta": {"api-version": API_VERSION}, "name": page.name}
    if page.status is not None:
        status = {"status": page.status.status.value}
        if page.status.reason:
            status["reason"] = page.status.reason
        shown["project-status"] = status
        shown[STATUS_ETAG_KEY] = page.status.etag
    shown["versions"] = page.versions
    shown["files"] = [_file(file) for file in page.files]
    if page.records and not page.files:
        shown[WITHHELD_KEY] = [_file(file) for file in page.records]
    shown[QUARANTINED_KEY] = [
        {"filename": q.filename, "reason": q.reason, "etag": q.etag, "size": q.size}
        for q in page.quarantined
    ]
    return _dump(shown)


def root_json(page: RootPage) -> bytes:
    """The JSON root page."""
    return _dump(
        {
            "meta": {"api-version": API_VERSION},
            "projects": [{"name": name} for name in page.projects],
        }
    )


def project_html(page: ProjectPage) -> bytes:
    """The HTML project page."""
    return _templates.get_template("project.html").render(page=page).encode()


def root_html(page: RootPage) -> bytes:
    """The HTML root page."""
    return _templates.get_template("root.html").render(page=page).encode()


def file_url(filename: str) -> str:
    """The URL of a file, relative to its project's page.

    Every character but the unreserved is encoded: S3 reads a raw `+` in a path as a space.
    """
    return quote(filename, safe="")


def timestamp(time: datetime) -> str:
    """An aware UTC time as PEP 700 wants it, with no fraction or with six digits."""
    return time.replace(tzinfo=None).isoformat() + "Z"


def _file(file: ProjectFile) -> dict[str, Any]:
    # Absent keys are left out: uv refuses a whole page for a null.
    shown: dict[str, Any] = {
        "filename": file.filename,
        "url": file_url(file.filename),
        "hashes": {"sha256": file.sha256},
        "size": file.size,
        "upload-time": timestamp(file.upload_time),
    }
    if file.requires_python is not None:
        shown["requires-python"] = file.requires_python
    if file.sidecar is not None:
        shown["core-metadata"] = {"sha256": file.sidecar.sha256}
        shown[SIDECAR_ETAG_KEY] = file.sidecar.etag
    if file.yank is not None:
        shown["yanked"] = file.yank.reason or True
        shown[YANK_ETAG_KEY] = file.yank.etag
    shown[ETAG_KEY] = file.etag
    return shown


def _dump(page: dict[str, Any]) -> bytes:
    return json.dumps(page, separators=(",", ":")).encode() + b"\n"


_templates: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_templates.globals["api_version"] = API_VERSION
_templates.filters["file_url"] = file_url
_templates.filters["timestamp"] = timestamp
_templates.filters["one_line"] = one_line
