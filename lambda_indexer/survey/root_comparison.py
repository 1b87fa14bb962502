"""Compare a root page with the projects of its index, and with its own content."""

from collections.abc import Sequence
from typing import Final

from packaging.utils import canonicalize_name

from lambda_indexer.errors import StorageError
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Index, Project
from lambda_indexer.model import ProjectPage, RootPage
from lambda_indexer.pages.rendering import root_html, root_json
from lambda_indexer.survey.result import Difference, Survey

_NOBODY: Final = canonicalize_name("s3pypi")


def compare_root(
    pages: Pages, index: Index, present: set[Project], names: Sequence[str], survey: Survey
) -> None:
    """Report the differences of a root page to a survey.

    Args:
        pages: reads the page.
        index: the index.
        present: the projects that the page must list.
        names: compare only the lines of these projects; empty for all, and for the page's content.
        survey: the survey of the bucket, which knows the summaries and the indexes below.
    """
    try:
        current = pages.read(index)
    except StorageError as error:
        place = index.path or "/"
        survey.add(Difference(place, f"its root page cannot be read: {error}"))
        return
    if isinstance(current.page, ProjectPage):
        survey.report(Project(index.bucket, index.path), ["is an index with a project's page"])
        return
    page = current.page or RootPage()
    shown = {name: page.summaries.get(name, "") for name in page.projects}
    summaries = survey.summaries[index].items()
    # Without projects, somebody else's page may stand where the root page would.
    ours = isinstance(current.page, RootPage) or not current.exist
    if any(text != shown.get(name, text) for name, text in summaries) or (
        ours and survey.below.get(index, page.below) != page.below
    ):
        survey.outdated.add(index)
    listed = {index.project(name) for name in page.projects}
    if names:
        requested = {project for project in present | listed if project.name in names}
        present, listed = present & requested, listed & requested
    survey.projects |= listed
    for project in sorted(present ^ listed):
        what = "is not on the root page" if project in present else "is only on the root page"
        survey.report(project, [what])
    if not names and (present or isinstance(current.page, RootPage)):
        html = root_html(page, site=pages.site, path=index.path)
        same = pages.is_html(current, html, look=True)
        if current.json != root_json(page) or not same:
            survey.add(Difference(index.path or "/", "its root page is outdated"))
            # Any project will do, for its run then writes the root page; also one that is not.
            survey.wrong |= set(sorted(present | listed)[:1]) or {index.project(_NOBODY)}
