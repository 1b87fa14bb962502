"""Compare whole indexes with the bucket; see "Verify and rebuild" in docs/architecture.md.

The bucket is listed once. Each page is compared with its directory and with its own records. No
distribution is read, because its entity tag shows whether it has changed.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from packaging.utils import NormalizedName

from lambda_indexer.errors import StorageError
from lambda_indexer.index.attempts import until_unchanged
from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.links import are_outdated
from lambda_indexer.index.places import Index, Project
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.model import ProjectPage, RootPage, StoredObject
from lambda_indexer.ports import Storage
from lambda_indexer.survey.comparison import problems_of, unreadable
from lambda_indexer.survey.directories import Directories, list_directories
from lambda_indexer.survey.result import Difference, Survey
from lambda_indexer.survey.root_comparison import compare_root
from s3pypi.distributions.filenames import is_distribution
from s3pypi.layout import YANK_EXTENSION, DirectoryPath, is_normalized, split_key

_NEVER_LISTED: Final = (
    *(".egg", ".exe", ".msi", ".rpm", ".deb", ".dmg", ".tgz", ".tbz", ".txz", ".tar", ".tar.z"),
    *(".tar.zst", ".tar.lz", ".tar.lzma", ".7z", ".conda"),
)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The differences of one directory, as texts.

    Attributes:
        problems: those that a rebuild repairs.
        unreadable: the files that it could not read; a rebuild tries them again.
    """

    problems: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.problems or self.unreadable)


@dataclass(frozen=True, slots=True)
class Surveyor:
    """Surveys buckets; changes nothing.

    Attributes:
        storage: the bucket.
        kinds: tells what a directory is.
    """

    storage: Storage
    kinds: Kinds

    def survey(self, bucket: str, prefix: str = "", names: Sequence[str] = ()) -> Survey:
        """Compare all indexes below a prefix, or some projects of the index there.

        Args:
            bucket: the bucket.
            prefix: empty, or slash-terminated.
            names: normalized names; empty for all, and for the indexes below as well.

        Raises:
            StorageError: S3 refused or failed; the result is unknown.
        """
        survey = Survey()
        found = list_directories(
            self.kinds, bucket, prefix, names, on_object=lambda stored: _note(stored, survey)
        )
        self._compare_directories(bucket, found, survey, whole=not names)
        present = self._present(found, survey)
        declared = [path for path in self.kinds.prefixes if path.startswith(prefix) and not names]
        for path in map(DirectoryPath, [prefix, *declared]):
            if found.is_index(path):
                present[Index(bucket, path)]  # to be compared, even if nothing is left in it
        if not names:
            survey.below = {index: found.indexes_below(index) for index in present}
        for index in sorted(present):
            compare_root(self.kinds.pages, index, present[index], names, survey)
        for key in survey.misplaced:
            survey.add(Difference(key, "is outside of a project's directory"))
        survey.sort()
        return survey

    def projects(self, bucket: str, prefix: str = "") -> list[Project]:
        """Return all projects below a prefix, including those without files; compare nothing.

        Args:
            bucket: the bucket.
            prefix: empty, or slash-terminated.

        Raises:
            StorageError: S3 refused or failed.
        """
        return sorted(list_directories(self.kinds, bucket, prefix).projects)

    def _present(self, found: Directories, survey: Survey) -> defaultdict[Index, set[Project]]:
        """The projects that each root page must list."""
        present: defaultdict[Index, set[Project]] = defaultdict(set)
        for project in found.projects:
            survey.projects.add(project)
            if found.is_index(project.index.path):
                present[project.index].add(project)
                survey.present.add(project)
            else:
                what = f"is hidden: {project.index.path} above it is a project; move one of them"
                survey.add(Difference(project.path, what, repairable=False))
        return present

    def _compare_directories(
        self, bucket: str, found: Directories, survey: Survey, *, whole: bool
    ) -> None:
        """Compare the pages of all directories that are no indexes with their content.

        If these are all of the indexes' projects, links between them are compared, too.
        """
        others = []
        for path, objects in found.objects.items():
            if found.is_index(path) or not is_normalized(path):
                survey.misplaced += [path + one.key for one in objects if _may_be_filed(one)]
            else:
                others.append(Project(bucket, path))
                if any(map(_is_distribution, objects)):
                    survey.projects.add(others[-1])

        def compare(project: Project) -> _Comparison | StorageError:
            try:
                on_index = found.names_on(project.index) if whole else None
                return self._compare_pages(project, found.take(project.path), survey, on_index)
            except StorageError as error:  # it does not keep the others from being compared
                return error

        for project, compared in zip(others, self.kinds.parallel(compare, others), strict=True):
            if isinstance(compared, StorageError):
                what = f"cannot be read: {compared}"
                survey.add(Difference(project.path, what))
            else:
                survey.report(project, compared.problems)
                survey.report(project, compared.unreadable, repairable=False)
            if compared:
                survey.projects.add(project)

    def _compare_pages(
        self,
        project: Project,
        objects: Iterable[StoredObject],
        survey: Survey,
        on_index: Container[NormalizedName] | None,
    ) -> _Comparison:
        """Return the problems of the pages of a directory that is not an index."""

        def attempt(number: int) -> _Comparison:
            listed = self.storage.list(project.bucket, project.path) if number else objects
            snapshot = Snapshot.of(project, listed)
            current = self.kinds.pages.read_listed(project, snapshot.objects)
            if isinstance(current.page, ProjectPage) and not current.page.foreign:
                survey.summaries[project.index][project.name] = current.page.summary
                if on_index is not None and are_outdated(current.page, on_index):
                    survey.unlinked.add(project)
            if isinstance(current.page, RootPage):
                return _Comparison(["has a root page and is not an index"])
            kept = self.kinds.keeps(current) or (
                self.kinds.keep_names and self.kinds.pages.is_orphan(current)
            )
            foreign = not self.kinds.holds_own(project, snapshot.distributions) and not kept
            if snapshot.distributions and _is_foreign(current) is (not foreign):
                return _Comparison(["the page is that of a directory of another kind"])
            pages, one_url = self.kinds.pages, self.kinds.keep_names
            problems = problems_of(snapshot, current, pages, kept=kept, one_url=one_url)
            return _Comparison(problems, unreadable(snapshot, current))

        return until_unchanged(attempt)


def _is_foreign(current: CurrentPages) -> bool | None:
    """Whether the page is that of a directory of other projects' files; None if there is none."""
    return current.page.foreign if isinstance(current.page, ProjectPage) else None


def _note(stored: StoredObject, survey: Survey) -> None:
    """Count an object, and note it if it is a distribution that no project's page can list."""
    survey.objects += 1
    if _is_distribution(stored):
        if split_key(stored.key) is None:
            survey.misplaced.append(stored.key)
    elif stored.filename.lower().endswith(_NEVER_LISTED) and split_key(stored.key) is not None:
        what = "is an archive of a kind that is never listed"
        survey.add(Difference(stored.key, what, repairable=False))


def _may_be_filed(stored: StoredObject) -> bool:
    return is_distribution(stored.filename.removesuffix(YANK_EXTENSION))


def _is_distribution(stored: StoredObject) -> bool:
    return is_distribution(stored.filename)
