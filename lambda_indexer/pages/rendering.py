"""Render pages as HTML and JSON of the Simple Repository API 1.4.

The same page always gives the same bytes: nothing here reads a clock or depends on a hash order.
"""

import json
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from lambda_indexer.model import ProjectFile, ProjectPage, RootPage
from lambda_indexer.pages.about import about_json
from lambda_indexer.pages.environment import API_VERSION, templates
from lambda_indexer.pages.formats import escaped, file_url, timestamp
from lambda_indexer.pages.releases import releases
from lambda_indexer.pages.site import NOWHERE, Site

JSON_TYPE: Final = "application/vnd.pypi.simple.v1+json"
HTML_TYPE: Final = "text/html; charset=utf-8"

# Keys that begin with an underscore are private to the server (PEP 691).
ETAG_KEY: Final = "_etag"
SIDECAR_ETAG_KEY: Final = "_metadata-etag"
YANK_ETAG_KEY: Final = "_yanked-etag"
STATUS_ETAG_KEY: Final = "_project-status-etag"
QUARANTINED_KEY: Final = "_quarantined"
UNSHOWN_KEY: Final = "_quarantined-too"
WITHHELD_KEY: Final = "_withheld"
UNREAD_KEY: Final = "_unread"
FOREIGN_KEY: Final = "_foreign"
ABOUT_KEY: Final = "_about"
MODIFIED_KEY: Final = "_modified"
UPLOADER_KEY: Final = "_uploader"
SUMMARY_KEY: Final = "_summary"
BELOW_KEY: Final = "_indexes"
SEAL_KEY: Final = "_sha256"
"""Digest of the rest of a project's page, which shows that somebody has edited the page.

It is no signature: whoever may write pages can seal them. The key is the version of the records as
well: `parsing` loads a sealed page without further checks, so if the meaning of a private key
changes, this one must change, too.
"""

_END: Final = b"}\n"


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
        | ({"again": True} if q.again else {})
        for q in page.refused
    ]
    if page.unshown:
        shown[UNSHOWN_KEY] = page.unshown
    if page.unread:
        shown[UNREAD_KEY] = [
            {
                "filename": file.filename,
                "hashes": {"sha256": file.sha256},
                "upload-time": timestamp(file.upload_time),
            }
            for file in page.unread
        ]
    if page.foreign:
        shown[FOREIGN_KEY] = True
    if page.about is not None:
        shown[ABOUT_KEY] = about_json(page.about)
    return sealed(shown)


def sealed(page: dict[str, Any]) -> bytes:
    """Add the digest of a page to the page."""
    body = _dump(page)
    return body[: -len(_END)] + f',"{SEAL_KEY}":"{sha256(body).hexdigest()}"'.encode() + _END


def is_sealed(body: bytes) -> bool:
    """Whether a project's JSON page is unchanged since `project_json` of any version wrote it."""
    rest, mark, seal = body.rpartition(f',"{SEAL_KEY}":"'.encode())
    digest = sha256(rest + _END).hexdigest()
    return bool(mark) and seal == f'{digest}"'.encode() + _END


def root_json(page: RootPage) -> bytes:
    """The JSON root page."""
    shown: dict[str, Any] = {
        "meta": {"api-version": API_VERSION},
        "projects": [
            {"name": name, SUMMARY_KEY: text}
            if (text := page.summaries.get(name))
            else {"name": name}
            for name in page.projects
        ],
    }
    return _dump(shown | {BELOW_KEY: page.below} if page.below else shown)


def project_html(
    page: ProjectPage, *, one_url: bool = False, site: Site = NOWHERE, path: str = ""
) -> bytes:
    """The HTML project page.

    Args:
        page: the page.
        one_url: whether the index has an upstream, so that its URL is all that a client needs.
        site: the deployment.
        path: the index's path; empty or slash-terminated.
    """
    html = templates.get_template("project.html").render(
        page=page,
        one_url=one_url,
        index=site.title(path),
        facts=page.about.facts if page.about and page.files else None,
        source=_source(page),
        releases=releases(page),
        installable=any(file.yank is None for file in page.files),
    )
    return html.encode()


def root_html(page: RootPage, *, site: Site = NOWHERE, path: str = "") -> bytes:
    """The HTML root page; arguments as for `project_html`."""
    names = escaped(page.projects)
    summaries = escaped([page.summaries.get(name, "") for name in page.projects])
    html = templates.get_template("root.html").render(
        page=page,
        projects=zip(names, summaries, strict=True),
        index=site.title(path),
        below=[(quote(one), one[:-1]) for one in sorted({*site.below(path), *page.below})],
    )
    return html.encode()


def _source(page: ProjectPage) -> ProjectFile | None:
    """Return the file whose facts the page shows."""
    source = page.about.filename if page.about else None
    return next((file for file in page.files if file.filename == source), None)


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
    if file.modified is not None:
        shown[MODIFIED_KEY] = timestamp(file.modified)
    if file.uploader is not None:
        shown[UPLOADER_KEY] = file.uploader
    return shown


def _dump(page: dict[str, Any]) -> bytes:
    return json.dumps(page, separators=(",", ":")).encode() + _END[1:]
