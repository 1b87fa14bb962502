"""Write the root page of an index; the caller holds its lease."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.utils import NormalizedName

from lambda_indexer.index.attempts import until_unchanged
from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.declarations import resolve
from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Index
from lambda_indexer.model import ProjectPage, RootPage
from lambda_indexer.pages.rendering import root_html, root_json
from s3pypi.layout import is_normalized


@dataclass(frozen=True, slots=True)
class RootUpdate:
    """The result of updating a root page.

    Attributes:
        problem: for people, None if there is none: a project has the place of the root page, or the
            page that was there could not be read.
        gone: whether there is no root page now, because no project is left.
        displaced: whether a project's page has its place. Only the run of that directory replaces
            it, because it knows what belongs to the files that the page names.
    """

    problem: str | None = None
    gone: bool = False
    displaced: bool = False


@dataclass(frozen=True, slots=True)
class RootWriter:
    """Writes root pages.

    Attributes:
        pages: reads and writes them.
        kinds: tells what a directory is.
    """

    pages: Pages
    kinds: Kinds

    def update(
        self,
        index: Index,
        entries: Iterable[str],
        *,
        is_index: bool = False,
        lost: bool = False,
        summaries: Mapping[NormalizedName, str] | None = None,
        below: Iterable[str] | None = None,
    ) -> RootUpdate:
        """Write or delete a root page, as entries of its lock item declare.

        Args:
            index: the index.
            entries: the declarations; see `declarations`.
            is_index: whether the directory's own run has found it to be an index.
            lost: whether somebody removed the root page, so that the one there may lack projects.
            summaries: of some projects, by name.
            below: the paths of the indexes with projects below; None if they are not known now.

        Raises:
            StorageError: S3 refused or failed, or other writers interfered too often.
        """
        changes = resolve(entries)

        def attempt(_: int) -> RootUpdate:
            current = self.pages.read(index)
            displaced = isinstance(current.page, ProjectPage)
            if displaced and not is_index and is_normalized(index.path):
                return RootUpdate(
                    f"{index.lock_id} is a project of the index above it,"
                    " so it cannot have a root page; move the project or the index",
                    displaced=True,
                )
            if lost or displaced or (is_index and current.page is None):
                return self._write_complete(index)
            return self._change(current, changes, summaries, below)

        return until_unchanged(attempt)

    def _change(
        self,
        current: CurrentPages,
        changes: Mapping[NormalizedName, bool],
        summaries: Mapping[NormalizedName, str] | None,
        below: Iterable[str] | None,
    ) -> RootUpdate:
        """Change the lines of a root page."""
        index = current.directory
        known = current.page.projects if isinstance(current.page, RootPage) else ()
        names = dict.fromkeys(known)
        for name, present in changes.items():
            if present:
                names[name] = None
            else:
                names.pop(name, None)
        if not names and not self.kinds.is_declared(index.path):
            self.pages.delete(current)
            return RootUpdate(gone=True)
        if names or below or current.exist:
            self._write(current, names, summaries, below)
        if current.exist and current.page is None:
            return RootUpdate(
                f"the root page {index.bucket}/{index.path} was damaged or written by an old client"
                " and now lists only the projects known so far; rebuild the index to add the others"
            )
        return RootUpdate()

    def _write_complete(self, index: Index) -> RootUpdate:
        """Write the root page with all projects below.

        If a project disappears between the listing and the write, its own run finds no line to
        remove. So the projects are listed again after the write.
        """
        names = set(self.kinds.projects_below(index))
        while True:
            current = self.pages.read(index)
            gone = not names and not self.kinds.is_declared(index.path)
            if gone:
                self.pages.delete(current)
            else:
                self._write(current, names)
            now = set(self.kinds.projects_below(index))
            if now == names:
                return RootUpdate(gone=gone)
            names = now

    def _write(
        self,
        current: CurrentPages,
        names: Iterable[NormalizedName],
        summaries: Mapping[NormalizedName, str] | None = None,
        below: Iterable[str] | None = None,
    ) -> None:
        known = current.page if isinstance(current.page, RootPage) else RootPage()
        shown = known.below if below is None else below
        page = RootPage.of(names, {**known.summaries, **(summaries or {})}, shown)
        html = root_html(page, site=self.pages.site, path=current.directory.path)
        self.pages.write(current, root_json(page), html)
