"""Render pages as HTML and JSON of the Simple Repository API 1.4.

The same page always gives the same bytes: nothing here reads a clock or depends on a hash order.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from packaging.version import Version

from lambda_indexer.model import ProjectFile, ProjectPage, RootPage, newest_version
from lambda_indexer.pages.about import about_json
from lambda_indexer.pages.description import render_description
from lambda_indexer.pages.requirements import by_extra
from lambda_indexer.pages.site import NOWHERE, Site
from s3pypi.markers import Status, one_line

API_VERSION: Final = "1.4"
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
SEAL_KEY: Final = "_sha256"
"""Digest of the rest of a project's page, which shows that somebody has edited the page.

It is no signature: whoever may write pages can seal them. The key is the version of the records as
well: `parsing` loads a sealed page without further checks, so if the meaning of a private key
changes, this one must change, too.
"""

_END: Final = b"}\n"

# The texts for people; installers read the status itself. An active project needs no text.
_STATUS_TEXTS: Final = {
    Status.ARCHIVED: "No new versions are expected.",
    Status.DEPRECATED: "Use another project instead.",
    Status.QUARANTINED: "It may be unsafe, so none of its files are offered.",
}

# Link, filename, Requires-Python, digest of the metadata, size in bytes and for people, time, date,
# digest and uploader, all of them escaped; and the yank's reason, which is not.
_Row: TypeAlias = tuple[str, str, str, str, str, str, str, str, str, str, str | None]

_UNRESERVED: Final = re.compile(r"[A-Za-z0-9_.~-]*")  # RFC 3986; most filenames, and quick to see
_TEMPLATES: Final = Path(__file__).parent / "templates"


def _trusted(name: str) -> tuple[Markup, str]:
    """A file to embed in every page, and its hash for the policy."""
    text = (_TEMPLATES / name).read_text("utf-8")
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return Markup(text), f"'sha256-{digest}'"  # noqa: S704 - it is ours


_STYLE, _STYLE_SOURCE = _trusted("style.css")
_SCRIPT, _SCRIPT_SOURCE = _trusted("script.js")

# Every page contains this policy, so that it applies on any server. The one directive that works
# only in a header is in CONTENT_SECURITY_POLICY. The icon is an empty `data:` URL, because a
# browser would otherwise request one from the bucket.
_PAGE_POLICY: Final = (
    f"default-src 'none'; style-src {_STYLE_SOURCE}; script-src {_SCRIPT_SOURCE}; img-src data:; "
    "form-action 'self'; base-uri 'none'"
)
MOST_DIGESTS: Final = 250
"""Files of a page up to which HTML has the digests of their metadata; JSON always has them.

A digest cannot be compressed. With those of a thousand files, a page is more than 100 kB.
"""
PAGE_MARK: Final = b"default-src &#39;none&#39;; style-src"
"""A part of every HTML page of this indexer, in every version, and of hardly any other page."""

CONTENT_SECURITY_POLICY: Final = f"{_PAGE_POLICY}; frame-ancestors 'none'"
"""The header for HTML pages. It changes only with the style and the script."""


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
        for q in page.quarantined
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
    return _dump(
        {
            "meta": {"api-version": API_VERSION},
            "projects": [
                {"name": name, SUMMARY_KEY: text}
                if (text := page.summaries.get(name))
                else {"name": name}
                for name in page.projects
            ],
        }
    )


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
    html = _templates.get_template("project.html").render(
        page=page,
        one_url=one_url,
        index=site.title(path),
        facts=page.about.facts if page.about and page.files else None,
        requires_python=_requires_python(page),
        releases=_releases(page),
        installable=any(file.yank is None for file in page.files),
    )
    return html.encode()


def root_html(page: RootPage, *, site: Site = NOWHERE, path: str = "") -> bytes:
    """The HTML root page; arguments as for `project_html`."""
    names = _escaped(page.projects)
    summaries = _escaped([page.summaries.get(name, "") for name in page.projects])
    html = _templates.get_template("root.html").render(
        page=page,
        projects=zip(names, summaries, strict=True),
        index=site.title(path),
        below=list(site.below(path)),
    )
    return html.encode()


@lru_cache(maxsize=1 << 15)
def file_url(filename: str) -> str:
    """The URL of a file, relative to its project's page.

    Every character but the unreserved is encoded: S3 reads a raw `+` in a path as a space.
    """
    return filename if _UNRESERVED.fullmatch(filename) else quote(filename, safe="")


@lru_cache(maxsize=1 << 15)
def timestamp(time: datetime) -> str:
    """Format an aware UTC time for PEP 700, with no fraction or with six digits."""
    return time.isoformat().removesuffix("+00:00") + "Z"


def human_size(size: int) -> str:
    """Format a number of bytes for people, with at most three digits and decimal units."""
    if size < 1000:  # noqa: PLR2004 - the units are decimal
        return f"{size} B"
    value, units = size / 1000, iter(("kB", "MB", "GB"))
    unit = next(units)
    while value >= 999.5:  # noqa: PLR2004 - which would be shown as 1000
        larger = next(units, None)
        if larger is None:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if value >= 9.95 else f"{value:.1f} {unit}"  # noqa: PLR2004


def _requires_python(page: ProjectPage) -> str | None:
    """The Requires-Python of the file that the page tells of."""
    source = page.about.filename if page.about else None
    return next((f.requires_python for f in page.files if f.filename == source), None)


@dataclass(frozen=True, slots=True)
class _Release:
    """The files of one version.

    Attributes:
        version: of all the files.
        newest: whether this is the version that people are likely to look for.
        date: of the first upload.
        count: of the files.
        yanks: of the files, how many are yanked.
        all_yanked: the reason if all files are yanked for the same one, otherwise None.
        rows: the files.
    """

    version: Version
    newest: bool
    date: str
    count: int
    yanks: int
    all_yanked: str | None
    rows: Iterator[_Row]


def _releases(page: ProjectPage) -> Iterator[_Release]:
    """The files by version, in the page's order."""
    rows = _rows(page.files)
    newest = newest_version(page.files)
    for version, group in groupby(page.files, attrgetter("version")):
        files = list(group)
        reasons = {None if file.yank is None else file.yank.reason for file in files}
        yield _Release(
            version=version,
            newest=version == newest,
            date=min([file.upload_time for file in files]).date().isoformat(),
            count=len(files),
            yanks=len([file for file in files if file.yank]),
            all_yanked=reasons.pop() if len(reasons) == 1 else None,
            rows=islice(rows, len(files)),
        )


def _rows(files: Sequence[ProjectFile]) -> Iterator[_Row]:
    # This is the inner loop of pages with thousands of files. Escaping part by part in the template
    # would be most of its time; a tuple is taken apart faster than attributes are looked up.
    times = _escaped([timestamp(file.upload_time) for file in files])
    return zip(
        _escaped([f"{file_url(file.filename)}#sha256={file.sha256}" for file in files]),
        _escaped([file.filename for file in files]),
        _escaped([file.requires_python or "" for file in files]),
        [_core_metadata(file, named=len(files) <= MOST_DIGESTS) for file in files],
        _escaped([str(file.size) for file in files]),
        _escaped([human_size(file.size) for file in files]),
        times,
        [time[:10] for time in times],
        _escaped([file.sha256 for file in files]),
        _escaped([file.uploader or "" for file in files]),
        [None if file.yank is None else file.yank.reason for file in files],
        strict=True,
    )


def _core_metadata(file: ProjectFile, *, named: bool) -> str:
    """The value of `data-core-metadata` (PEP 658, PEP 714); empty if there are no metadata."""
    if file.sidecar is None:
        return ""
    return f"sha256={file.sidecar.sha256}" if named else "true"


def _escaped(texts: Iterable[str]) -> list[str]:
    """Escape many texts for HTML in one call."""
    texts = list(texts)
    escaped = str(escape("\n".join(texts))).split("\n")
    if len(escaped) == len(texts):
        return escaped
    return [
        str(escape(text)) for text in texts
    ]  # one of them has lines of its own, or none is there


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


_templates: Final = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_templates.globals |= {
    "api_version": API_VERSION,
    "page_policy": _PAGE_POLICY,
    "script": _SCRIPT,
    "status_texts": _STATUS_TEXTS,
    "style": _STYLE,
}
_templates.filters |= {
    "by_extra": by_extra,
    "description": render_description,
    "one_line": one_line,
}
