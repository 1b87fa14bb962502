"""The files of a project's HTML page, by version."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter
from typing import Final, TypeAlias

from lambda_indexer.model import ProjectFile, ProjectPage, newest_version
from lambda_indexer.pages.formats import escaped, file_url, human_size, timestamp

# Link, filename, Requires-Python, digest of the metadata, size in bytes and for people, time, date,
# digest and uploader, all of them escaped; and the yank's reason, which is not.
_Row: TypeAlias = tuple[str, str, str, str, str, str, str, str, str, str, str | None]

MOST_DIGESTS: Final = 250
"""Files of a page up to which HTML has the digests of their metadata; JSON always has them.

A digest cannot be compressed. With those of a thousand files, a page is more than 100 kB.
"""


@dataclass(frozen=True, slots=True)
class Release:
    """The files of one version.

    Attributes:
        version: of all the files.
        prerelease: whether it is one.
        newest: whether this is the version that people are likely to look for.
        date: of the first upload.
        count: of the files.
        yanks: of the files, how many are yanked.
        all_yanked: the reason if all files are yanked for the same one, otherwise None.
        rows: of the table of the files.
    """

    version: str
    prerelease: bool
    newest: bool
    date: str
    count: int
    yanks: int
    all_yanked: str | None
    rows: Iterator[_Row]


def releases(page: ProjectPage) -> Iterator[Release]:
    """The files by version, in the page's order."""
    rows = _rows(page.files)
    newest = newest_version(page.files)
    for version, group in groupby(page.files, attrgetter("version")):
        files = list(group)
        reasons = {None if file.yank is None else file.yank.reason for file in files}
        yield Release(
            version=str(version),
            prerelease=version.is_prerelease,
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
    times = escaped([timestamp(file.upload_time) for file in files])
    return zip(
        escaped([f"{file_url(file.filename)}#sha256={file.sha256}" for file in files]),
        escaped([file.filename for file in files]),
        escaped([file.requires_python or "" for file in files]),
        [_core_metadata(file, named=len(files) <= MOST_DIGESTS) for file in files],
        [str(file.size) for file in files],
        [human_size(file.size) for file in files],
        times,
        [time[:10] for time in times],
        escaped([file.sha256 for file in files]),
        escaped([file.uploader or "" for file in files]),
        [None if file.yank is None else file.yank.reason for file in files],
        strict=True,
    )


def _core_metadata(file: ProjectFile, *, named: bool) -> str:
    """The value of `data-core-metadata` (PEP 658, PEP 714); empty if there are no metadata."""
    if file.sidecar is None:
        return ""
    return f"sha256={file.sidecar.sha256}" if named else "true"
