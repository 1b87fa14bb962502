"""Link those dependencies of a project that are projects of the same index.

The names of all projects are on the root page. It is read only if the dependencies have changed, or
if a rebuild asks for it, so the usual upload takes no request for this.
"""

from collections.abc import Container
from dataclasses import dataclass, field, replace
from threading import Lock

from packaging.utils import NormalizedName

from lambda_indexer.errors import StorageError
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Index
from lambda_indexer.model import About, ProjectPage, RootPage
from lambda_indexer.pages.requirements import required_projects


@dataclass(frozen=True, slots=True)
class IndexNames:
    """The names of the projects on root pages, for one invocation of the function.

    Attributes:
        known: those that this invocation has read for a rebuild; None for an unreadable page.
        lock: held while they are read.
    """

    known: dict[Index, frozenset[NormalizedName] | None] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def read(self, pages: Pages, index: Index) -> frozenset[NormalizedName] | None:
        """Read the names on a root page; None if S3 refuses or fails."""
        try:
            page = pages.read_json(index).page
        except StorageError:
            return None
        return frozenset(page.projects) if isinstance(page, RootPage) else frozenset()

    def read_once(self, pages: Pages, index: Index) -> frozenset[NormalizedName] | None:
        """Read the names on a root page, if this invocation has not tried yet."""
        with self.lock:
            if index not in self.known:
                self.known[index] = self.read(pages, index)
            return self.known[index]


@dataclass(frozen=True, slots=True)
class Linker:
    """Links the dependencies of projects.

    Attributes:
        pages: reads root pages.
        names: the names on them.
    """

    pages: Pages
    names: IndexNames

    def link(
        self, page: ProjectPage, previous: ProjectPage, index: Index, *, look: bool
    ) -> ProjectPage:
        """Return a page with the links of its dependencies.

        If the root page cannot be read, links are kept: a page does not wait for them, and the next
        rebuild looks them up.

        Args:
            page: the page.
            previous: the last page. Its links are kept if it had all of the dependencies.
            index: the project's index.
            look: whether a rebuild asks to look them up in any case.
        """
        about, before = page.about, previous.about
        if about is None:
            return page
        names: Container[NormalizedName] | None = None
        if look and about.facts.requires:
            names = self.names.read_once(self.pages, index)
        elif _dependencies(about) - (_dependencies(before) if before else set()):
            names = self.names.read(self.pages, index)
        if names is None:
            names = before.links if before else ()
        return replace(page, about=replace(about, links=_links(page, about, names)))


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
