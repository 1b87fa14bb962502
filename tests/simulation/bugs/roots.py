"""Bugs in the root page, and in the kinds of directories."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lambda_indexer.events import work
from lambda_indexer.index import root, root_writer
from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.outcome import Outcome, Run
from lambda_indexer.index.places import Project
from lambda_indexer.index.publishing import Publisher
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.index.root import RootUpdater
from lambda_indexer.index.root_writer import RootUpdate
from lambda_indexer.locks.lease import Leases
from s3pypi.distributions.filenames import is_distribution
from tests.fakes import MemoryLockTable
from tests.simulation.bugs.registry import after_the_page, bug, patched
from tests.simulation.world import World


@bug("root after page")
def root_after_page(_: World) -> Iterator[None]:
    """The project's page is written before the root page."""
    update = RootUpdater.update
    later: list[Callable[[], object]] = []

    def postpone(self: RootUpdater, project: Project, run: str, **word: Any) -> RootUpdate:
        later.append(lambda: update(self, project, run, **word))
        return RootUpdate()

    with patched((RootUpdater, "update", postpone), (Publisher, "write", after_the_page(later))):
        yield


@bug("root decided by a second look", first=18)
def root_by_second_look(world: World) -> Iterator[None]:
    """The root page depends on a second listing."""
    update = RootUpdater.update

    def look_again(self: RootUpdater, project: Project, run: str, **word: Any) -> Any:
        now = any(is_distribution(key) and key.startswith(project.path) for _, key in
                  world.storage.objects)  # fmt: skip
        return update(self, project, run, **word | {"present": now})

    with patched((RootUpdater, "update", look_again)):
        yield


@bug("the lowest run decides", worlds="mixed, out of time", first=600)
def lowest_run_decides(_: World) -> Iterator[None]:
    """The oldest declaration decides about the root page."""

    def resolve(entries: Any) -> Any:
        words: dict[Any, Any] = {}
        for entry in sorted(entries, key=lambda entry: -float(entry.rpartition("@")[2])):
            words[entry[1:].rpartition("@")[0]] = entry.startswith("+")
        return words

    with patched((root, "resolve", resolve), (root_writer, "resolve", resolve)):
        yield


@bug("all pending entries are removed", worlds="overwrites, and faults at pages", first=830)
def all_entries_are_removed(_: World) -> Iterator[None]:
    """Declarations after the acquisition are dropped."""
    release = MemoryLockTable.release

    def remove_all(self: MemoryLockTable, *args: Any, **more: Any) -> bool:
        done = release(self, *args, **more)
        item = self.items[args[0]]
        if done:
            self.items[args[0]] = replace(item, pending=frozenset())
        return done

    with patched((MemoryLockTable, "release", remove_all)):
        yield


@bug("an announcement is believed whatever came after it", worlds="mixed, with rebuilds", first=90)
def announcement_is_believed(_: World) -> Iterator[None]:
    """The project has left the root page since, or never got there."""

    def always(*_: Any) -> bool:
        return True

    with patched((RootUpdater, "is_unchanged_since", always)):
        yield


@bug("a dead letter that comes back is taken for news", worlds="last deliveries", first=470)
def redriven_is_new(_: World) -> Iterator[None]:
    """The age of an event is ignored, and redriven messages have no count."""
    with patched((work, "LATE", float("inf"))):
        yield


@bug("the last file takes a kept name with it", worlds="mixed")
def names_are_let_go(_: World) -> Iterator[None]:
    """The page is deleted although an upstream is set."""

    def never(*_: Any) -> bool:
        return False

    with patched((Kinds, "is_kept", never)):
        yield


@bug("the root page above an index stays", worlds="directories change their kind", first=450)
def root_above_is_not_updated(_: World) -> Iterator[None]:
    """A directory that was a project and is an index keeps its line on the root page above."""
    agrees = RootUpdater.agrees

    def lenient(self: RootUpdater, project: Project, *, present: bool) -> bool:
        return not present or agrees(self, project, present=present)

    with patched((RootUpdater, "agrees", lenient)):
        yield


@bug("the root page comes before every page", worlds="the root page is out of reach")
def root_before_every_page(_: World) -> Iterator[None]:
    """A root page that is out of reach then holds up all projects."""
    run_project = Indexer._run_project

    def update_first(self: Indexer, run: Run, *rest: Any) -> Outcome:
        self.root.update(run.project, run.number, present=True)
        return run_project(self, run, *rest)

    with patched((Indexer, "_run_project", update_first)):
        yield


@bug("each try leaves a declaration", worlds="the root page is out of reach")
def declared_in_any_case(_: World) -> Iterator[None]:
    """A lease is declared for before it is tried, and the item grows with each failure."""
    acquire = Leases._acquire

    def declare_first(self: Leases, lock_id: str, owner: str, *rest: Any) -> Any:
        since, entry = rest
        if entry is not None:
            self._declare(lock_id, f"{entry}.{self.clock():.0f}")
        return acquire(self, lock_id, owner, since, entry)

    with patched((Leases, "_acquire", declare_first)):
        yield


@bug("what others remove stays removed", worlds="directories change their kind")
def lost_pages_stay_lost(_: World) -> Iterator[None]:
    """The removal of a page or a sidecar is no reason for a run."""
    of = work.work_of

    def deaf(event: Any, kinds: Kinds) -> Any:
        generated = event.removed and not event.key.endswith((".whl", ".gz", ".yanked"))
        return None if generated else of(event, kinds)

    with patched((work, "work_of", deaf)):
        yield
