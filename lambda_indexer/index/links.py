"""Link those dependencies of a project that are projects of the same index.

The names of all projects are on the root page. It is read only if the dependencies have changed, or
if a rebuild asks for it, so the usual upload takes no request for this.
"""

from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import replace

from packaging.utils import NormalizedName

from lambda_indexer.errors import StorageError
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Index
from lambda_indexer.model import About, ProjectPage, RootPage
from lambda_indexer.pages.requirements import required_projects


def names_on(pages: Pages, index: Index) -> frozenset[NormalizedName]:
    """The projects on a root page.

    Raises:
        StorageError: S3 refused or failed.
    """
    page = pages.read_json(index).page
    return frozenset(page.projects) if isinstance(page, RootPage) else frozenset()


def with_links(
    page: ProjectPage,
    previous: ProjectPage,
    names: Callable[[], Container[NormalizedName]],
    *,
    look: bool,
) -> ProjectPage:
    """Return a page with the links of its dependencies.

    Args:
        page: the page.
        previous: the last page. Its links are kept if it had all of the dependencies.
        names: returns the projects of the index. If it raises a `StorageError`, links are kept,
            too: a page does not wait for them, and the next rebuild looks them up.
        look: whether to look them up in any case.
    """
    about, before = page.about, previous.about
    if about is None:
        return page
    on_index: Container[NormalizedName] = before.links if before else ()
    added = _dependencies(about) - (_dependencies(before) if before else set())
    if added or (look and about.facts.requires):
        with suppress(StorageError):
            on_index = names()
    return replace(page, about=replace(about, links=_links(page, about, on_index)))


def are_outdated(page: ProjectPage, names: Container[NormalizedName]) -> bool:
    """Whether a page links other dependencies than those that are on its index.

    Args:
        page: the page.
        names: the projects of the index.
    """
    return page.about is not None and page.about.links != _links(page, page.about, names)


def _links(
    page: ProjectPage, about: About, names: Container[NormalizedName]
) -> tuple[NormalizedName, ...]:
    return tuple(sorted(name for name in _dependencies(about) - {page.name} if name in names))


def _dependencies(about: About) -> frozenset[NormalizedName]:
    return required_projects(about.facts.requires)
