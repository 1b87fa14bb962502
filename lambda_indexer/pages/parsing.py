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
from functools import partial
from typing import Any, Final, TypeVar

from packaging.utils import NormalizedName

from lambda_indexer.model import (
    MAX_SUMMARY,
    ProjectPage,
    RootPage,
    UnreadFile,
)
from lambda_indexer.pages.about import parse_about
from lambda_indexer.pages.entries import (
    UNUSABLE,
    parse_file,
    parse_refused,
    parse_status,
    parse_unread,
)
from lambda_indexer.pages.rendering import (
    ABOUT_KEY,
    BELOW_KEY,
    FOREIGN_KEY,
    QUARANTINED_KEY,
    SUMMARY_KEY,
    UNREAD_KEY,
    UNSHOWN_KEY,
    WITHHELD_KEY,
    is_sealed,
)
from s3pypi.distributions.filenames import MAX_PROJECT_NAME, project_name
from s3pypi.markers import one_line

T = TypeVar("T")

_NORMALIZED_LINES: Final = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*\n)*")
_PATH: Final = re.compile(r"(?:[^/\x00-\x1f]+/)+")


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
    unread_file = partial(parse_unread, name)
    if not sealed:  # somebody else has written it, and may have meant well
        return ProjectPage.of(name, (), unread=_once(_usable(unread_file, files + unread)))
    parsed = ProjectPage.of(
        name,
        _usable(partial(parse_file, name), files),
        _usable(parse_refused, _list(page, QUARANTINED_KEY)),
        next(iter(_usable(parse_status, [page])), None),
        unread=_usable(unread_file, unread),
        unshown=_list(page, UNSHOWN_KEY),
    )
    about = next(iter(_usable(parse_about, [page.get(ABOUT_KEY)])), None)
    return replace(parsed, foreign=FOREIGN_KEY in page, about=about)


def _usable(parse: Callable[[Any], T], entries: list[Any]) -> list[T]:
    """Parse the entries that are valid. Files of the others, of another version, are read again."""
    try:
        return [parse(entry) for entry in entries]  # much quicker, and usually all can be read
    except UNUSABLE:
        pass
    usable = []
    for entry in entries:
        with suppress(*UNUSABLE):
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
    except UNUSABLE:
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
