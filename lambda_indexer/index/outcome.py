"""Why a project is looked at, and what came of it."""

from dataclasses import dataclass

from lambda_indexer.errors import IndexerError
from lambda_indexer.index.filing import Filed
from lambda_indexer.index.places import Project
from lambda_indexer.model import QuarantinedFile


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why a project is regenerated.

    Attributes:
        redelivered: its message was received before, or is so old that it may come from a redriven
            dead letter. The run that it started may have misled the root page.
        requested: a rebuild requests it; no run of another invocation covers it.
        fresh: every file is read again and both pages are written, whatever they say.
        lost: somebody removed a page: a root page that is there again may lack projects.
    """

    redelivered: bool = False
    requested: bool = False
    fresh: bool = False
    lost: bool = False

    @property
    def check_root(self) -> bool:
        """Whether the root page is checked even if the project seems to be on it."""
        return self.redelivered or self.requested


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of looking at one project.

    Attributes:
        project: the project.
        present: whether it is a project, which has a page and a line on the root page.
        covered: a later run of another invocation has done the work; all the rest is then empty.
        run: the number of this run.
        recovery: whether the previous run was not trusted.
        files: how many files the page offers.
        quarantined: how many are there and not offered.
        indexed: the files that were read for the first time, or again.
        refused: those newly quarantined, with their reasons.
        overwritten: the files that had other content before.
        removed: the files that are gone.
        notices: problems of files that are listed all the same.
        pages_written: how many pages were written or deleted.
        conflicts: how often another writer got in and the work was started again.
        filed: what became of distributions that were here and did not belong here.
        problem: why the root page does not show the project, for a person to read.
    """

    project: Project
    present: bool = False
    covered: bool = False
    run: int = 0
    recovery: bool = False
    files: int = 0
    quarantined: int = 0
    indexed: tuple[str, ...] = ()
    refused: tuple[QuarantinedFile, ...] = ()
    overwritten: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    pages_written: int = 0
    conflicts: int = 0
    filed: tuple[Filed, ...] = ()
    problem: str | None = None


class OutOfTimeError(IndexerError):
    """More files have changed than one invocation can read; the next one goes on from there.

    Attributes:
        outcome: what was done so far; the page has it.
    """

    def __init__(self, message: str, outcome: Outcome) -> None:
        super().__init__(message)
        self.outcome = outcome
