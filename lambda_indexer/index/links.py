"""Link those dependencies of a project that are projects of the same index.

The names of all projects are on the root page. It is read only if the dependencies have changed, or
if a rebuild asks for it, so the usual upload takes no request for this.
"""

from collections.abc import Container
from contextlib import suppress
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
        known: those that this invocation has read for a rebuild.
        lock: held while they are read.
    """

    known: dict[Index, frozenset[NormalizedName]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def read(self, pages: Pages, index: Index) -> frozenset[NormalizedName]:
        """Read the names on a root page.

        Raises:
            StorageError: S3 refused or failed.
        """
        page = pages.read_json(index).page
        return frozenset(page.projects) if isinstance(page, RootPage) else frozenset()

    def read_once(self, pages: Pages, index: Index) -> frozenset[NormalizedName]:
        """Read the names on a root page, if this invocation has not done so yet.

        Raises:
            StorageError: S3 refused or failed.
        """
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
        on_index: Container[NormalizedName] = before.links if before else ()
        with suppress(StorageError):
            if _dependencies(about) - (_dependencies(before) if before else set()):
                on_index = self.names.read(self.pages, index)
            elif look and about.facts.requires:
                on_index = self.names.read_once(self.pages, index)
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
