"""The result of comparing whole indexes with the bucket."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from packaging.utils import NormalizedName

from lambda_indexer.index.places import Index, Project

MAX_DIFFERENCES: Final = 5_000  # a response of Lambda has at most 6 MB


@dataclass(frozen=True, order=True, slots=True)
class Difference:
    """A difference between an index and the bucket.

    Attributes:
        place: the directory or the key.
        what: the difference, as a text.
        repairable: whether a rebuild repairs it. Only people can repair the others.
    """

    place: str
    what: str
    repairable: bool = True


@dataclass(slots=True)
class Survey:
    """The result of a survey.

    Attributes:
        objects: how many there are.
        projects: all that have files or pages, or a line on a root page.
        present: those of them that must have a line on the root page.
        misplaced: keys of distributions to be moved: they are not in a project's directory.
        count: how many differences there are.
        repairable: how many of them a rebuild repairs.
        differences: the first of them, once they are sorted.
        wrong: the directories to be regenerated.
        summaries: of the projects, by index.
        below: the indexes with projects below each index, by relative path; no entry if only some
            projects are compared.
        outdated: the indexes whose root page shows other summaries or indexes below, which is no
            difference.
        unlinked: the projects whose page links other dependencies than those that are on the index,
            which is no difference either.
    """

    objects: int = 0
    projects: set[Project] = field(default_factory=set)
    present: set[Project] = field(default_factory=set)
    misplaced: list[str] = field(default_factory=list)
    count: int = 0
    repairable: int = 0
    differences: list[Difference] = field(default_factory=list)
    wrong: set[Project] = field(default_factory=set)
    summaries: defaultdict[Index, dict[NormalizedName, str]] = field(
        default_factory=partial(defaultdict, dict)
    )
    below: dict[Index, tuple[str, ...]] = field(default_factory=dict)
    outdated: set[Index] = field(default_factory=set)
    unlinked: set[Project] = field(default_factory=set)

    def add(self, difference: Difference) -> None:
        """Note a difference; of many, only the first are kept."""
        self.count += 1
        self.repairable += difference.repairable
        self.differences.append(difference)
        if len(self.differences) >= 2 * MAX_DIFFERENCES:
            self.sort()

    def sort(self) -> None:
        """Sort the differences, and keep the first."""
        self.differences.sort()
        del self.differences[MAX_DIFFERENCES:]

    def report(self, project: Project, what: Iterable[str], *, repairable: bool = True) -> None:
        """Note the differences of a directory that is to be regenerated."""
        for each in what:
            self.add(Difference(project.path, each, repairable))
            self.wrong.add(project)
