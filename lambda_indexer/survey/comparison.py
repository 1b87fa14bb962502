"""Compare a project's pages with its directory and with each other."""

from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.description import files_to_read
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.model import ProjectPage, StoredObject
from lambda_indexer.pages.rendering import is_sealed, project_html, project_json
from s3pypi.distributions.filenames import is_distribution
from s3pypi.layout import STATUS_MARKER, fingerprint


def problems_of(
    snapshot: Snapshot,
    current: CurrentPages,
    pages: Pages,
    *,
    kept: bool = False,
    one_url: bool = False,
) -> list[str]:
    """Return the problems of a project's pages, as texts.

    Files that the function cannot read are not among them; see `unreadable`.

    Args:
        snapshot: of its directory.
        current: its pages, as of that snapshot.
        pages: reads the HTML page if its entity tag does not identify its content.
        kept: whether the page stays without files, to keep the project's name.
        one_url: whether the index has an upstream.

    Raises:
        ChangedError: another writer got in.
        StorageError: S3 refused or failed.
    """
    page = current.page
    if not snapshot.distributions:
        if not isinstance(page, ProjectPage) and not pages.is_orphan(current):
            return []
        if not kept:
            return ["has a page but no files"]
    if not isinstance(page, ProjectPage):
        return [f"has {'files' if snapshot.distributions else 'an HTML page'} but no JSON page"]
    if current.json is not None and not is_sealed(current.json):
        return ["the JSON page was edited"]
    here = {stored.filename for stored in snapshot.distributions}
    listed = {file.filename for file in page.records}
    listed |= {file.filename for file in page.refused}
    unread = _unreadable(snapshot, page)
    problems = [
        f"{stored.filename} {'is out of date' if stored.filename in listed else 'is missing'}"
        for stored in files_to_read(snapshot, page)
        if stored not in unread
    ]
    problems += [
        f"{filename} is listed but missing"
        for filename in sorted(listed - here)
        if is_distribution(filename)
    ]
    problems += [
        f"the yank of {record.filename} is out of date"
        for record in page.records
        if (marker := snapshot.yanks.get(record.filename), record.yank) != (None, None)
        and (not marker or not record.yank or marker.etag != record.yank.etag)
    ]
    known = page.status and page.status.etag
    for refused in page.refused:
        known = refused.etag if refused.filename == STATUS_MARKER else known
    if (snapshot.status and snapshot.status.etag) != known:
        problems.append("the project's status is out of date")
    with_sidecar = {record.filename for record in page.records if record.sidecar}
    problems += [
        f"{filename} has a metadata file that the page does not name"
        for filename in sorted(snapshot.sidecars.keys() - with_sidecar)
    ]
    if current.json != project_json(page):
        problems.append("the JSON page is outdated")
    path = snapshot.project.index.path
    html = project_html(page, one_url=one_url, site=pages.site, path=path)
    if not pages.is_html(current, html, look=True):
        problems.append("the HTML page differs from the JSON page")
    return problems


def unreadable(snapshot: Snapshot, current: CurrentPages) -> list[str]:
    """Return the files that are refused because the function could not read them, as texts.

    Another run may be able to read them, if somebody has repaired the cause.

    Args:
        snapshot: of the project's directory.
        current: its pages, as of that snapshot.
    """
    page = current.page
    if not isinstance(page, ProjectPage):
        return []
    reasons = {file.filename: f": {file.reason}" for file in page.refused}
    return [
        f"{stored.filename} is refused{reasons.get(stored.filename, '')}"
        for stored in _unreadable(snapshot, page)
    ]


def _unreadable(snapshot: Snapshot, page: ProjectPage) -> list[StoredObject]:
    known = {*page.unshown, *(file.fingerprint for file in page.refused if file.again)}
    if not known:
        return []
    return [
        stored
        for stored in snapshot.distributions
        if fingerprint(stored.filename, stored.etag, stored.size, again=True) in known
    ]
