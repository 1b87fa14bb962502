"""The JSON page read back as the indexer's record of what it has looked at.

A record only saves work, except for `upload-time`, which is stored nowhere else. A record that does
not look exactly as this code writes it is ignored, and the file is read again.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar

from packaging.utils import NormalizedName, canonicalize_name

from lambda_indexer.model import (
    About,
    ETag,
    ProjectFile,
    ProjectPage,
    ProjectStatus,
    QuarantinedFile,
    RootPage,
    Sha256,
    Sidecar,
    Yank,
)
from lambda_indexer.pages.about import parse_about
from lambda_indexer.pages.rendering import (
    ABOUT_KEY,
    ETAG_KEY,
    FOREIGN_KEY,
    MODIFIED_KEY,
    QUARANTINED_KEY,
    SIDECAR_ETAG_KEY,
    STATUS_ETAG_KEY,
    UNREAD_KEY,
    UNSHOWN_KEY,
    WITHHELD_KEY,
    YANK_ETAG_KEY,
    is_sealed,
)
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import version_in
from s3pypi.distributions.requires_python import valid_specifier
from s3pypi.markers import Status, one_line

T = TypeVar("T")

_HEXADECIMAL: Final = "0123456789abcdef"
_NORMALIZED_LINES: Final = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*\n)*")
_FINGERPRINT: Final = re.compile(r"[A-Za-z0-9_-]{12}")
_UNUSABLE: Final = (
    AttributeError,
    TypeError,
    KeyError,
    ValueError,
    ArithmeticError,
    InvalidDistributionError,
)


def parse_page(body: bytes, project: NormalizedName | None = None) -> ProjectPage | RootPage | None:
    """Read what lies at an `index.json`.

    Args:
        body: the object's bytes, whoever wrote them.
        project: in whose directory it lies; None where it can only be a root page.

    Returns:
        The kind of page that it is, with those of its records that are usable. None of a project's
        page that was edited holds; they are `unread` then.
        None when it is no page of the Simple API at all.
    """
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):  # the former also for what is not UTF-8
        return None
    if not isinstance(page, dict):
        return None
    if isinstance(page.get("projects"), list):
        return RootPage.of(_projects(page["projects"]))
    name = page.get("name")
    if isinstance(page.get("files"), list) and isinstance(name, str) and project in {name, None}:
        project = NormalizedName(name)
        parse = partial(_file, project)
        records = _once(_usable(parse, [*page["files"], *_list(page.get(WITHHELD_KEY))]))
        unread = _once(_usable(parse, _list(page.get(UNREAD_KEY))))
        if not is_sealed(body):  # somebody has written it, and may have meant well
            return ProjectPage.of(project, (), unread=records)
        quarantined = _usable(_quarantined, _list(page.get(QUARANTINED_KEY)))
        unshown = _usable(_fingerprint, _list(page.get(UNSHOWN_KEY)))
        status = _status(page)
        parsed = ProjectPage.of(
            project, records, quarantined, status, unread=unread, unshown=unshown
        )
        foreign, about = page.get(FOREIGN_KEY) is True, _about(page.get(ABOUT_KEY))
        return replace(parsed, foreign=foreign, about=about)
    return None


def _usable(parse: Callable[[Any], T | None], entries: Iterable[Any]) -> list[T]:
    return [parsed for entry in entries if (parsed := parse(entry)) is not None]


def _once(files: list[ProjectFile]) -> list[ProjectFile]:
    """The records whose name is unique; of duplicates, none can be trusted."""
    count = Counter(file.filename for file in files)
    return [file for file in files if count[file.filename] == 1]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _projects(entries: list[Any]) -> list[NormalizedName]:
    try:
        # One look at a hundred thousand names, for they are ours and as they should be.
        names = [entry["name"] for entry in entries]
        lines = "\n".join(names) + "\n"
        if lines.count("\n") == len(names) and _NORMALIZED_LINES.fullmatch(lines):
            return names
    except _UNUSABLE:
        pass
    return _usable(_project, entries)


def _project(entry: Any) -> NormalizedName | None:
    try:
        return canonicalize_name(entry["name"], validate=True)
    except _UNUSABLE:
        return None


def _file(project: NormalizedName, entry: Any) -> ProjectFile | None:
    try:
        metadata = entry.get("core-metadata")
        sidecar = None
        if metadata is not None:
            sidecar = Sidecar(_digest(metadata["sha256"]), ETag(_text(entry[SIDECAR_ETAG_KEY])))
        requires_python = entry.get("requires-python")
        if requires_python is not None and valid_specifier(_text(requires_python)) is None:
            return None
        return ProjectFile(
            filename=_text(entry["filename"]),
            version=version_in(entry["filename"], project),
            etag=ETag(_text(entry[ETAG_KEY])),
            size=_size(entry["size"]),
            sha256=_digest(entry["hashes"]["sha256"]),
            upload_time=_time(entry["upload-time"]),
            modified=_time(entry[MODIFIED_KEY]) if MODIFIED_KEY in entry else None,
            requires_python=requires_python,
            sidecar=sidecar,
            yank=_yank(entry),
        )
    except _UNUSABLE:
        return None


def _yank(entry: Mapping[str, Any]) -> Yank | None:
    if "yanked" not in entry:
        return None
    reason = "" if entry["yanked"] is True else _line(entry["yanked"])
    return Yank(reason, ETag(_text(entry[YANK_ETAG_KEY])))


def _status(page: Mapping[str, Any]) -> ProjectStatus | None:
    try:
        status = page["project-status"]
        return ProjectStatus(
            Status(status["status"]),
            _line(status.get("reason", "")),
            ETag(_text(page[STATUS_ETAG_KEY])),
        )
    except _UNUSABLE:
        return None


def _about(value: Any) -> About | None:
    try:
        return parse_about(value)
    except _UNUSABLE:
        return None


def _quarantined(entry: Any) -> QuarantinedFile | None:
    try:
        return QuarantinedFile(
            filename=_text(entry["filename"]),
            etag=ETag(_text(entry["etag"])),
            size=_size(entry["size"]),
            reason=_line(entry["reason"]),
            again=entry.get("again") is True,
        )
    except _UNUSABLE:
        return None


def _fingerprint(entry: Any) -> str | None:
    return entry if isinstance(entry, str) and _FINGERPRINT.fullmatch(entry) else None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    if not value.isascii():
        value.encode()  # JSON can name halves of characters that no page can hold
    return value


def _line(value: Any) -> str:
    if one_line(_text(value)) != value:
        raise ValueError(value)
    return str(value)


def _size(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise TypeError(value)
    return value


def _digest(value: Any) -> Sha256:
    if type(value) is not str or len(value) != 64 or value.strip(_HEXADECIMAL):  # noqa: PLR2004
        raise ValueError(value)
    return Sha256(value)


def _time(value: Any) -> datetime:
    time = datetime.fromisoformat(_text(value))
    if time.tzinfo is None:
        raise ValueError(value)
    return time if time.tzinfo is UTC else time.astimezone(UTC)
