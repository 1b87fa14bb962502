"""The kind of a directory: a function of its current content, regardless of history.

The first rule that applies counts:

1. The bucket's root and every declared prefix are indexes.
2. A directory with a distribution of its own name in it is a project of the index above it,
   whatever is below it.
3. A directory with a project directly below it is an index.
4. A directory with only other projects' distributions has a page that says why they are not
   offered.
5. Any other directory has no pages.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from packaging.utils import NormalizedName

from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Index, Project
from lambda_indexer.model import ProjectPage, RootPage, StoredObject
from lambda_indexer.ports import Parallel
from s3pypi.distributions.filenames import is_distribution, names_project
from s3pypi.layout import DirectoryPath, is_normalized

_AT_A_TIME = 64


@dataclass(frozen=True, slots=True)
class Kinds:
    """Determines the kind of a directory.

    Attributes:
        pages: reads the pages in the bucket.
        prefixes: the declared indexes, each slash-terminated.
        keep_names: whether a project that loses its last file keeps its page, and stays a project
            for as long as it has one (see `Indexer`).
        parallel: maps over directories in parallel.
    """

    pages: Pages
    prefixes: frozenset[str] = frozenset()
    keep_names: bool = False
    parallel: Parallel = map

    def is_declared(self, path: str) -> bool:
        """Whether a directory is an index regardless of its content (rule 1)."""
        return not path or path in self.prefixes

    def is_index(self, index: Index) -> bool:
        """Whether a directory that is not a project is an index (rules 1 and 3).

        Raises:
            StorageError: S3 refused or failed.
        """
        return self.is_declared(index.path) or any(self.projects_below(index))

    def holds_own(self, project: Project, objects: Iterable[StoredObject]) -> bool:
        """Whether one of these objects makes their directory a project (rule 2)."""
        return not self.is_declared(project.path) and any(
            is_distribution(stored.filename) and names_project(stored.filename, project.name)
            for stored in objects
        )

    def keeps(self, current: CurrentPages) -> bool:
        """Whether this page stays even if its project has no files."""
        return self.keep_names and is_own_page(current)

    def is_kept(self, project: Project, current: CurrentPages) -> bool:
        """Whether a project without files keeps its name: it has a page, or a line on the root.

        Raises:
            ChangedError: another writer got in.
            StorageError: S3 refused or failed.
        """
        if not self.keep_names or self.is_declared(project.path):
            return False
        if is_own_page(current) or self.pages.is_orphan(current):
            return True
        root = self.pages.read(project.index).page
        return isinstance(root, RootPage) and project.name in root.projects

    def projects_below(self, index: Index) -> Iterator[NormalizedName]:
        """The projects directly below a directory, read only as far as the caller iterates.

        A project whose files are gone counts for as long as its page is there: its own run removes
        its line from the root page, and then the page. So whatever has a page has a line.

        Raises:
            StorageError: S3 refused or failed.
        """
        below = (
            Project(index.bucket, DirectoryPath(path))
            for path in self.pages.storage.directories(index.bucket, index.path)
            if is_normalized(DirectoryPath(path))
        )
        size = 1  # the first is nearly always a project, and callers often need no other
        while candidates := list(islice(below, size)):
            found = self.parallel(self._counts, candidates)
            for project, is_project in zip(candidates, found, strict=True):
                if is_project:
                    yield project.name
            size = _AT_A_TIME

    def _counts(self, project: Project) -> bool:
        if self.is_declared(project.path):
            return False
        objects = self.pages.storage.list(project.bucket, project.path)
        if self.holds_own(project, objects):
            return True
        return any(stored.key == project.page_json for stored in objects) and is_own_page(
            self.pages.read_json(project)
        )


def is_own_page(current: CurrentPages) -> bool:
    """Whether there is the page of a project, which then has a line on the root page."""
    return isinstance(current.page, ProjectPage) and not current.page.foreign
