"""Compare whole indexes with the bucket (design, section 6).

The bucket is listed once. Each page is compared with its directory and with its own records. No
distribution is read, because its entity tag shows whether it has changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from packaging.utils import canonicalize_name

from lambda_indexer.errors import StorageError
from lambda_indexer.index.comparison import problems_of
from lambda_indexer.index.page_store import Pages, until_unchanged
from lambda_indexer.index.places import Index, Project
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.model import ProjectPage, RootPage, StoredObject
from lambda_indexer.pages.rendering import root_html, root_json
from lambda_indexer.ports import Parallel, Storage
from s3pypi.distributions.filenames import is_distribution
from s3pypi.layout import DirectoryPath, is_normalized, split_key

_NOBODY: Final = canonicalize_name("s3pypi")


@dataclass(frozen=True, order=True, slots=True)
class Difference:
    """A difference between an index and the bucket.

    Attributes:
        place: the directory or the key that it is about.
        what: a description for people.
    """

    place: str
    what: str


@dataclass(slots=True)
class Survey:
    """The result of a survey.

    Attributes:
        objects: how many there are.
        projects: all projects that have files, pages, or an entry on a root page.
        misplaced: keys of distributions outside of a project's directory.
        differences: all differences.
        wrong: the projects that must be regenerated to repair them.
    """

    objects: int = 0
    projects: set[Project] = field(default_factory=set)
    misplaced: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    wrong: set[Project] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the survey keeps of a directory; not its pages, of which there may be many."""

    project: Project
    files: tuple[str, ...]
    is_index: bool
    has_page: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Surveyor:
    """Surveys buckets; changes nothing.

    Attributes:
        storage: where they are.
        pages: reads pages in `storage`.
        parallel: maps over directories at the same time.
        keep_names: whether a project without files keeps its page; see `Indexer`.
    """

    storage: Storage
    pages: Pages
    parallel: Parallel = map
    keep_names: bool = False

    def survey(self, bucket: str, prefix: str = "", names: Sequence[str] = ()) -> Survey:
        """Compare all indexes below a prefix, or some projects of the index there.

        Args:
            bucket: the bucket.
            prefix: empty, or slash-terminated.
            names: normalised names; empty for all, and for the indexes below as well.

        Raises:
            StorageError: S3 refused or failed; the result is unknown.
        """
        found = Survey()
        directories = self._directories(bucket, prefix, names, found)
        index = Index(bucket, DirectoryPath(prefix))
        for name in names:
            directories.setdefault(f"{prefix}{name}/", [])
        present: defaultdict[Index, set[Project]] = defaultdict(set)
        candidates = [
            Project(bucket, path) for path in map(DirectoryPath, directories) if is_normalized(path)
        ]

        def look(project: Project) -> _Verdict:
            listed = directories[project.path]
            try:
                return until_unchanged(
                    lambda attempt: self._look(project, listed, again=attempt > 0)
                )
            except StorageError as error:  # of this project; the others are compared nevertheless
                found.differences.append(Difference(project.path, f"cannot be read: {error}"))
                files = [stored.key for stored in listed if is_distribution(stored.filename)]
                return _Verdict(project, tuple(files), is_index=False, has_page=True, problems=())

        for verdict in self.parallel(look, candidates):
            project = verdict.project
            if verdict.is_index:
                present[Index(bucket, project.path)]  # to be looked at
                found.misplaced += verdict.files
            elif verdict.files or verdict.has_page or verdict.problems:
                found.projects.add(project)
                if verdict.files or (self.keep_names and verdict.has_page):
                    present[project.index].add(project)
                found.differences += [Difference(project.path, what) for what in verdict.problems]
                if verdict.problems:
                    found.wrong.add(project)
        present[index]  # to be looked at, even if nothing is left in it
        for one in sorted(present):
            self._compare_root(one, present[one], names, found)
        found.differences += [
            Difference(key, "is outside of a project's directory") for key in found.misplaced
        ]
        found.differences.sort()
        return found

    def _directories(
        self, bucket: str, prefix: str, names: Sequence[str], found: Survey
    ) -> dict[str, list[StoredObject]]:
        directories: defaultdict[str, list[StoredObject]] = defaultdict(list)
        for start in [f"{prefix}{name}/" for name in names] or [prefix]:
            for stored in self.storage.walk(bucket, start):
                found.objects += 1
                directory = stored.key[: stored.key.rfind("/") + 1]
                directories[directory].append(stored)
                if is_distribution(stored.filename) and (
                    split_key(stored.key) is None or not is_normalized(DirectoryPath(directory))
                ):
                    found.misplaced.append(stored.key)
        return directories

    def _look(self, project: Project, objects: Sequence[StoredObject], *, again: bool) -> _Verdict:
        """Compare a directory with its pages; list it again if it has changed."""
        if again:
            objects = self.storage.list(project.bucket, project.path)
        snapshot = Snapshot.of(project, objects)
        current = self.pages.read_listed(project, snapshot.objects)
        is_index = isinstance(current.page, RootPage)
        return _Verdict(
            project,
            tuple(stored.key for stored in snapshot.distributions),
            is_index=is_index,
            has_page=isinstance(current.page, ProjectPage),
            problems=()
            if is_index
            else tuple(problems_of(snapshot, current, self.pages, keep_names=self.keep_names)),
        )

    def _compare_root(
        self, index: Index, present: set[Project], names: Sequence[str], found: Survey
    ) -> None:
        """The differences of a root page: of all entries, or of those of some projects."""
        try:
            current = self.pages.read(index)
        except StorageError as error:
            place = index.path or "/"
            found.differences.append(Difference(place, f"its root page cannot be read: {error}"))
            return
        if isinstance(current.page, ProjectPage):
            found.differences.append(
                Difference(index.path, "is a project, so the index in it cannot have a root page")
            )
            return
        page = current.page or RootPage()
        listed = {index.project(name) for name in page.projects}
        if names:
            asked = {project for project in present | listed if project.name in names}
            present, listed = present & asked, listed & asked
        found.projects |= listed
        for project in sorted(present ^ listed):
            what = "is not on the root page" if project in present else "is only on the root page"
            found.differences.append(Difference(project.path, what))
            found.wrong.add(project)
        if not names and (present or isinstance(current.page, RootPage)):
            html = self.pages.is_html(current, root_html(page), look=True)
            if current.json != root_json(page) or not html:
                found.differences.append(Difference(index.path or "/", "its root page is outdated"))
                # Any project works, even a missing one: its run then writes the root page.
                found.wrong |= set(sorted(present | listed)[:1]) or {index.project(_NOBODY)}


def in_batches(projects: Iterable[Project], size: int) -> list[list[Project]]:
    """Projects in lists of at most this many, in order."""
    ordered = sorted(projects)
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]
