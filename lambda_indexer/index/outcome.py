"""The trigger, the run and the outcome of a regeneration."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lambda_indexer.errors import IndexerError
from lambda_indexer.index.filing import Filed
from lambda_indexer.index.places import Project
from lambda_indexer.index.prefetch import Prefetched
from lambda_indexer.index.uploaders import Upload
from lambda_indexer.locks.lease import Lease
from lambda_indexer.model import RefusedFile


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why a project is regenerated.

    Attributes:
        redelivered: its message was received before, or is so old that it may come from a redriven
            dead letter. The run that it started may have misled the root page.
        requested: a rebuild requests it; no run of another invocation covers it.
        fresh: every file is read again and both pages are written, whatever they say.
        lost: somebody removed a page, perhaps the record of files that were removed as well; a root
            page written since then may lack projects.
        announced: the run in which a rebuild put the project on the root page; None if it did not.
            See `RootUpdater.announce`.
        uploads: what its events say of who uploaded what.
        sizes: the sizes in bytes of the files that its events name, by key.
    """

    redelivered: bool = False
    requested: bool = False
    fresh: bool = False
    lost: bool = False
    announced: int | None = None
    uploads: tuple[Upload, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt to regenerate a directory under its lease.

    Attributes:
        project: the directory, which may turn out not to be a project.
        trigger: why.
        lease: of the directory.
        conflicts: how many attempts of this run met another writer.
        prefetched: what is read while its first attempt lists the directory.
    """

    project: Project
    trigger: Trigger
    lease: Lease
    conflicts: int
    prefetched: Prefetched = field(default_factory=Prefetched)

    @property
    def uncertain(self) -> bool:
        """Whether another run may have left something half done, or somebody removed its record."""
        return self.lease.recovery or self.conflicts > 0 or self.trigger.lost

    @property
    def number(self) -> str:
        """The order of runs, and of the attempts of one run."""
        return f"{self.lease.run}.{self.conflicts}" if self.conflicts else f"{self.lease.run}"

    def outcome(self) -> "Outcome":
        """Return an outcome with the facts that are known so far."""
        return Outcome(
            self.project,
            run=self.lease.run,
            recovery=self.lease.recovery,
            conflicts=self.conflicts,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of regenerating one directory.

    Attributes:
        project: the project.
        present: whether it is a project, which has a page and a line on the root page.
        covered: a later run of another invocation has done the work; the rest is empty then.
        run: the number of this run.
        recovery: whether the previous run died or failed.
        files: how many files the page lists.
        refused: how many files are there and not listed.
        indexed: the files that were read for the first time, or again.
        newly_refused: the files that were refused for the first time, with their reasons.
        overwritten: the files that had other content before.
        removed: the files that are gone.
        notices: problems of files that are listed nevertheless.
        left: how many changed files there was no time to read. Those whose content is unchanged
            stay listed.
        pages_written: how many pages were written or deleted.
        conflicts: how many attempts of this run met another writer.
        filed: what became of distributions that were here and did not belong here.
        problem: why the root page does not show the project, for people.
    """

    project: Project
    present: bool = False
    covered: bool = False
    run: int = 0
    recovery: bool = False
    files: int = 0
    refused: int = 0
    indexed: tuple[str, ...] = ()
    newly_refused: tuple[RefusedFile, ...] = ()
    overwritten: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    left: int = 0
    pages_written: int = 0
    conflicts: int = 0
    filed: tuple[Filed, ...] = ()
    problem: str | None = None


class OutOfTimeError(IndexerError):
    """More files have changed than one invocation can read; the next one continues.

    Attributes:
        outcome: the result so far, which the page has.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(
            f"{outcome.left} files of {outcome.project.lock_id} are still to be read;"
            f" {outcome.files} are on its page"
        )
        self.outcome = outcome
