"""Read a JSON page back as the indexer's record of the files that it has read.

A project's page that has its seal is as `rendering` wrote it, and is loaded without further checks.
Of any other page, only what is stored nowhere else is used: which content had which upload time.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar

from packaging.utils import NormalizedName

from lambda_indexer.model import (
    MAX_SUMMARY,
    ProjectFile,
    ProjectPage,
    ProjectStatus,
    RefusedFile,
    RootPage,
    Sha256,
    Sidecar,
    UnreadFile,
    Yank,
)
from lambda_indexer.pages.about import parse_about
from lambda_indexer.pages.rendering import (
    ABOUT_KEY,
    BELOW_KEY,
    ETAG_KEY,
    FOREIGN_KEY,
    MODIFIED_KEY,
    QUARANTINED_KEY,
    SIDECAR_ETAG_KEY,
    STATUS_ETAG_KEY,
    SUMMARY_KEY,
    UNREAD_KEY,
    UNSHOWN_KEY,
    UPLOADER_KEY,
    WITHHELD_KEY,
    YANK_ETAG_KEY,
    is_sealed,
)
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import MAX_PROJECT_NAME, project_name, version_in
from s3pypi.markers import Status, one_line

T = TypeVar("T")

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NORMALIZED_LINES: Final = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*\n)*")
_PATH: Final = re.compile(r"(?:[^/\x00-\x1f]+/)+")
_UNUSABLE: Final = (
    AttributeError,
    TypeError,
    KeyError,
    ValueError,
    ArithmeticError,
    InvalidDistributionError,
)


def parse_page(body: bytes, project: NormalizedName | None = None) -> ProjectPage | RootPage | None:
    """Parse the content of an `index.json`.

    Args:
        body: the object's bytes, whoever wrote them.
        project: the project of its directory; None where it can only be a root page.

    Returns:
        The page, of whichever kind it is. A project's page without a valid seal has no records; all
        of its files are `unread`.
        None if it is not a page of the Simple API at all.
    """
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):  # the former also for what is not UTF-8
        return None
    match page:
        case {"projects": list(entries)}:
            below = filter(_is_path, _list(page, BELOW_KEY))
            return RootPage.of(_projects(entries), _summaries(entries), below)
        case {"files": list(), "name": str(name)} if project in {name, None}:
            return _project_page(NormalizedName(name), page, sealed=is_sealed(body))
    return None


def _project_page(name: NormalizedName, page: dict[str, Any], *, sealed: bool) -> ProjectPage:
    files, unread = page["files"] + _list(page, WITHHELD_KEY), _list(page, UNREAD_KEY)
    parse_file, parse_unread = partial(_file, name), partial(_unread, name)
    if not sealed:  # somebody else has written it, and may have meant well
        return ProjectPage.of(name, (), unread=_once(_usable(parse_unread, files + unread)))
    parsed = ProjectPage.of(
        name,
        _usable(parse_file, files),
        _usable(_refused, _list(page, QUARANTINED_KEY)),
        next(iter(_usable(_status, [page])), None),
        unread=_usable(parse_unread, unread),
        unshown=_list(page, UNSHOWN_KEY),
    )
    about = next(iter(_usable(parse_about, [page.get(ABOUT_KEY)])), None)
    return replace(parsed, foreign=FOREIGN_KEY in page, about=about)


def _usable(parse: Callable[[Any], T], entries: list[Any]) -> list[T]:
    """Parse the entries that are valid. Files of the others, of another version, are read again."""
    try:
        return [parse(entry) for entry in entries]  # much quicker, and usually all can be read
    except _UNUSABLE:
        pass
    usable = []
    for entry in entries:
        with suppress(*_UNUSABLE):
            usable.append(parse(entry))
    return usable


def _once(files: list[UnreadFile]) -> list[UnreadFile]:
    """The files whose name is unique; of duplicates, none can be trusted."""
    count = Counter(file.filename for file in files)
    return [file for file in files if count[file.filename] == 1]


def _list(page: Mapping[str, Any], key: str) -> list[Any]:
    value = page.get(key)
    return value if isinstance(value, list) else []


def _projects(entries: list[Any]) -> list[NormalizedName]:
    try:
        # One check of a hundred thousand names: they are ours, and normalized.
        names = [entry["name"] for entry in entries]
        lines = "\n".join(names) + "\n"
        if (
            lines.count("\n") == len(names)
            and _NORMALIZED_LINES.fullmatch(lines)
            and max(map(len, names), default=0) <= MAX_PROJECT_NAME
        ):
            return names
    except _UNUSABLE:
        pass
    return _usable(lambda entry: project_name(entry["name"]), entries)


def _summaries(entries: list[Any]) -> dict[NormalizedName, str]:
    """The summaries that are as the function writes them; a root page may have been edited."""
    return {
        entry["name"]: text
        for entry in entries
        if isinstance(entry, dict)
        and isinstance(text := entry.get(SUMMARY_KEY), str)
        and isinstance(entry.get("name"), str)
        and len(text) <= MAX_SUMMARY
        and one_line(text) == text
    }


def _is_path(value: object) -> bool:
    """Whether this is the path of an index, as the function writes it."""
    return isinstance(value, str) and bool(_PATH.fullmatch(value))


def _file(project: NormalizedName, entry: Mapping[str, Any]) -> ProjectFile:
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


def _unread(project: NormalizedName, entry: Mapping[str, Any]) -> UnreadFile:
    """Parse the parts of a file's entry that are used even if somebody edited the page."""
    filename, digest = entry["filename"], entry["hashes"]["sha256"]
    version_in(filename, project)
    if not _DIGEST.fullmatch(digest):
        raise ValueError(digest)
    return UnreadFile(filename, Sha256(digest), _time(entry["upload-time"]))


def _refused(entry: Mapping[str, Any]) -> RefusedFile:
    return RefusedFile(
        entry["filename"], entry["etag"], entry["size"], entry["reason"], "again" in entry
    )


def _status(page: Mapping[str, Any]) -> ProjectStatus:
    said = page["project-status"]
    return ProjectStatus(Status(said["status"]), said.get("reason", ""), page[STATUS_ETAG_KEY])


def _time(value: str) -> datetime:
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError(value)
    return time if time.tzinfo is UTC else time.astimezone(UTC)
