"""Deliberate bugs that the simulation must find."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from lambda_indexer.errors import StorageError
from lambda_indexer.events import work
from lambda_indexer.index.decision import Decider
from lambda_indexer.index.filing import Filing
from lambda_indexer.index.invalidation import Invalidation
from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.page_store import CurrentPages, Pages
from lambda_indexer.index.places import Directory, Project
from lambda_indexer.index.publishing import Publisher
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.index.root import RootKeeper, Told
from lambda_indexer.locks.lease import Lease, Leases
from lambda_indexer.model import Sha256, Sidecar
from lambda_indexer.ports import LockItem
from s3pypi.distributions.filenames import is_distribution
from tests.fakes import MemoryLockTable
from tests.simulation.world import BUCKET, World

Bug = Callable[[World], AbstractContextManager[None]]
BUGS: dict[str, Bug] = {}
PROFILE: dict[str, int] = {}
"""For a bug that only one kind of world can show: which, by its place in `clients.PROFILES`."""


def bug(
    name: str, profile: int | None = None
) -> Callable[[Callable[[World], Iterator[None]]], Bug]:
    """Register a bug under a name."""

    def register(function: Callable[[World], Iterator[None]]) -> Bug:
        BUGS[name] = contextmanager(function)
        if profile is not None:
            PROFILE[name] = profile
        return BUGS[name]

    return register


@contextmanager
def patched(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    """Replace attributes while the context is active."""
    with ExitStack() as stack:
        for thing, name, value in changes:
            stack.enter_context(patch.object(thing, name, value))
        yield


def _release_anyhow(
    self: MemoryLockTable, lock_id: str, _owner: str, run: int, _dirty: Any, settled: Any, **_: Any
) -> bool:
    """Release a lease, whoever owns it."""
    item = self.items.get(lock_id, LockItem())
    self.items[lock_id] = replace(
        item,
        owner=None,
        completed=max(item.completed, run),
        dirty=None,
        pending=item.pending - settled,
    )
    return True


@bug("no lease")
def no_lease(_: World) -> Iterator[None]:
    """All invocations run at once; only the conditional writes are left."""
    acquire = MemoryLockTable.acquire

    def always(self: MemoryLockTable, lock_id: str, *rest: Any) -> Any:
        self.items[lock_id] = replace(self.items.get(lock_id, LockItem()), owner=None)
        return acquire(self, lock_id, *rest)

    with patched(
        (MemoryLockTable, "acquire", always), (MemoryLockTable, "release", _release_anyhow)
    ):
        yield


@bug("a lease that ends before its holder is killed")
def short_lease(_: World) -> Iterator[None]:
    """There are two owners at once, and the first does not check its lease."""
    acquire = MemoryLockTable.acquire

    def shortened(self: MemoryLockTable, *args: Any) -> Any:
        lock_id, owner, now, _, since = args
        return acquire(self, lock_id, owner, now, now + 0.2, since)

    with patched(
        (MemoryLockTable, "acquire", shortened), (MemoryLockTable, "release", _release_anyhow)
    ):
        yield


@bug("anyone's release frees the lease")
def release_of_others(_: World) -> Iterator[None]:
    """As in s3pypi 2, an invocation that stops waiting deletes the lock."""
    acquire = Leases._acquire

    def give_up(self: Leases, lock_id: str, owner: str, *rest: Any) -> Any:
        try:
            return acquire(replace(self, max_wait=0.3), lock_id, owner, *rest)
        except Exception:
            table: Any = self.table
            items = table._inner.items
            items[lock_id] = replace(items[lock_id], owner=None)
            raise

    with patched((Leases, "_acquire", give_up), (MemoryLockTable, "release", _release_anyhow)):
        yield


@bug("pages written unconditionally", profile=1)
def unconditional(world: World) -> Iterator[None]:
    """The last writer wins."""
    with patched((world.storage, "put", _unconditionally(world, "index.json", "/"))):
        yield


@bug("HTML written unconditionally", profile=1)
def html_unconditional(world: World) -> Iterator[None]:
    """JSON is written conditionally, HTML is not."""
    with patched((world.storage, "put", _unconditionally(world, "/"))):
        yield


def _unconditionally(world: World, *endings: str) -> Any:
    put = world.storage.put

    def anyhow(bucket: str, key: str, body: bytes, options: Any, if_match: Any) -> Any:
        if key.endswith(endings):
            there = world.storage.objects.get((bucket, key))
            if_match = there.etag if there else None
        return put(bucket, key, body, options, if_match)

    return anyhow


def _after_the_page(later: list[Callable[[], object]]) -> Any:
    """Write the pages before the postponed work."""
    write = Publisher.write

    def write_first(self: Publisher, *args: Any, **kwargs: Any) -> int:
        mine, later[:] = list(later), []
        written = write(self, *args, **kwargs)
        for one in mine:
            one()
        return written

    return write_first


@bug("root after page")
def root_after_page(_: World) -> Iterator[None]:
    """The project's page is written before the root page."""
    tell = RootKeeper.tell
    later: list[Callable[[], object]] = []

    def postpone(self: RootKeeper, project: Project, run: str, *, present: bool) -> Told:
        later.append(lambda: tell(self, project, run, present=present))
        return Told()

    with patched((RootKeeper, "tell", postpone), (Publisher, "write", _after_the_page(later))):
        yield


@bug("sidecar after page")
def sidecar_after_page(_: World) -> Iterator[None]:
    """The page lists a file whose metadata file does not exist yet."""
    put_sidecar = Decider._put_sidecar
    later: list[Callable[[], object]] = []

    def postpone(self: Decider, filename: str, metadata: bytes) -> Sidecar:
        later.append(lambda: put_sidecar(self, filename, metadata))
        etag: Any = hashlib.md5(metadata).hexdigest()  # noqa: S324
        return Sidecar(Sha256(hashlib.sha256(metadata).hexdigest()), etag)

    with patched((Decider, "_put_sidecar", postpone), (Publisher, "write", _after_the_page(later))):
        yield


@bug("sidecar deleted before page")
def sidecar_deleted_first(world: World) -> Iterator[None]:
    """The page lists a file whose metadata file was deleted."""
    write = Publisher.write

    def delete_first(self: Publisher, current: CurrentPages, page: Any, **kwargs: Any) -> int:
        path = current.directory.path
        for file in page.records:
            key = f"{path}{file.filename}.metadata"
            sidecar = world.storage.objects.get((BUCKET, key))
            if sidecar:  # as if it were going to be put anew
                self.pages.storage.delete(BUCKET, key, sidecar.etag)
        return write(self, current, page, **kwargs)

    with patched((Publisher, "write", delete_first)):
        yield


@bug("an error is read as absence")
def error_as_absence(world: World) -> Iterator[None]:
    """As in s3pypi 2, an unreadable page counts as empty and is overwritten."""
    read, read_json = Pages.read, Pages.read_json

    def there(directory: Directory) -> CurrentPages:
        objects = world.storage.objects
        keys = (directory.page_json, directory.page_html(index_html=False))
        json, html = (objects.get((BUCKET, key)) for key in keys)
        return CurrentPages(
            directory, None, json.etag if json else None, html.etag if html else None, None
        )

    def lenient(self: Pages, directory: Directory) -> CurrentPages:
        try:
            return read(self, directory)
        except StorageError:
            return there(directory)

    def lenient_json(self: Pages, project: Project) -> CurrentPages:
        try:
            return read_json(self, project)
        except StorageError:
            return there(project)

    with patched((Pages, "read", lenient), (Pages, "read_json", lenient_json)):
        yield


# Not in the list: no world of the present seeds was seen to show it in time. One has to be found.
@contextmanager
def one_moment(_: World) -> Iterator[None]:
    """The page is read after the LIST, which may have begun before the page was written."""
    read_listed = Pages.read_listed

    def read_late(self: Pages, project: Project, objects: Any, _before: Any = None) -> CurrentPages:
        return read_listed(self, project, objects)

    with patched((Pages, "read_listed", read_late)):
        yield


@bug("acknowledged before the work")
def acknowledged_first(world: World) -> Iterator[None]:
    """A message is deleted when it is received."""
    with patched((world, "acknowledge_first", True)):
        yield


@bug("covered by the run under way")
def covered_by_the_run_under_way(_: World) -> Iterator[None]:
    """The current run covers an event, although it may have listed before it."""
    acquire = Leases._acquire

    def too_early(self: Leases, lock_id: str, owner: str, *rest: Any) -> Any:
        now, (since, entry) = self.clock(), rest
        answer = self.table.acquire(lock_id, owner, now, now + self.remaining() + 10, since)
        if answer.run is not None:
            recovery = answer.before.owner is not None or answer.before.dirty is not None
            return Lease(answer.run, recovery, answer.before.pending), answer.before.dirty
        return acquire(self, lock_id, owner, (since or answer.before.run) - 1, entry)

    with patched((Leases, "_acquire", too_early)):
        yield


@bug("no recovery runs")
def no_recovery(_: World) -> Iterator[None]:
    """Unfinished work of a dead owner is trusted, and so is a retried message."""
    acquire, regenerate = Leases._acquire, Indexer.regenerate

    def untroubled(self: Indexer, project: Project, _trigger: Any = None) -> Any:
        return regenerate(self, project)

    def trusting(self: Leases, lock_id: str, owner: str, *rest: Any) -> Any:
        lease, dirty = acquire(self, lock_id, owner, *rest)
        if lease is not None:
            lease.recovery = False
        return lease, dirty

    with patched((Leases, "_acquire", trusting), (Indexer, "regenerate", untroubled)):
        yield


@bug("root decided by a second look")
def root_by_second_look(world: World) -> Iterator[None]:
    """The root page depends on a second listing."""
    tell = RootKeeper.tell

    def look_again(self: RootKeeper, project: Project, run: str, *, present: bool) -> Any:
        del present
        now = any(is_distribution(key) and key.startswith(project.path) for _, key in
                  world.storage.objects)  # fmt: skip
        return tell(self, project, run, present=now)

    with patched((RootKeeper, "tell", look_again)):
        yield


@bug("the lowest run decides", profile=2)
def lowest_run_decides(_: World) -> Iterator[None]:
    """The oldest declaration decides about the root page."""

    def decide(pending: Any) -> Any:
        words: dict[Any, Any] = {}
        for entry in sorted(pending, key=lambda entry: -float(entry.rpartition("@")[2])):
            words[entry[1:].rpartition("@")[0]] = entry.startswith("+")
        return words

    with patch("lambda_indexer.index.root.decide", decide):
        yield


@bug("all pending entries are settled", profile=5)
def all_settled(_: World) -> Iterator[None]:
    """Declarations after the acquisition are dropped."""
    release = MemoryLockTable.release

    def settle_all(self: MemoryLockTable, *args: Any, **more: Any) -> bool:
        done = release(self, *args, **more)
        item = self.items[args[0]]
        if done:
            self.items[args[0]] = replace(item, pending=frozenset())
        return done

    with patched((MemoryLockTable, "release", settle_all)):
        yield


@bug("an announcement is believed whatever came after it", profile=4)
def announcement_is_believed(_: World) -> Iterator[None]:
    """The project has left the root page since, or never got there."""

    def always(*_: Any) -> bool:
        return True

    with patched((RootKeeper, "stands", always)):
        yield


@bug("upload-time is the clock of the run")
def clock_in_the_page(world: World) -> Iterator[None]:
    """A regenerated page always differs."""
    read = Decider._read

    def now(self: Decider, *args: Any) -> Any:
        file, notice = read(self, *args)
        return replace(file, upload_time=datetime.fromtimestamp(world.now, UTC)), notice

    def all_of_them(snapshot: Any, _previous: Any) -> Any:
        return list(snapshot.distributions)

    module = "lambda_indexer.index.description.files_to_read"
    with patched((Decider, "_read", now)), patch(module, all_of_them):
        yield


@bug("a filed file overwrites what is there")
def filing_overwrites(_: World) -> Iterator[None]:
    """Moving a file overwrites the target."""

    def same(*_: Any) -> bool:
        return True

    with patched((Filing, "_same", same)):
        yield


@bug("a dead letter that comes back is taken for news", profile=3)
def redriven_is_new(_: World) -> Iterator[None]:
    """The age of an event is ignored, and redriven messages have no count."""
    with patched((work, "LATE", float("inf"))):
        yield


@bug("the last file takes a kept name with it", profile=2)
def names_are_let_go(_: World) -> Iterator[None]:
    """The page is deleted although an upstream is set."""

    def never(*_: Any) -> bool:
        return False

    with patched((Kinds, "is_kept", never)):
        yield


def _uncertain(only: Callable[[Any], bool]) -> Any:
    """Let runs note what changed as if they were uncertain in some cases only."""
    note = Invalidation.note

    def trusting(self: Invalidation, run: Any, *rest: Any) -> None:
        lease = replace(run.lease, recovery=only(run))
        note(self, replace(run, lease=lease, conflicts=0), *rest)
        run.lease.stale = lease.stale

    return trusting


@bug("no invalidation after a recovery", profile=2)
def no_invalidation_after_recovery(_: World) -> Iterator[None]:
    """Changes of the dead run are not invalidated."""
    with patched((Invalidation, "note", _uncertain(lambda run: run.conflicts > 0))):
        yield


@bug("no invalidation after a conflict", profile=2)
def no_invalidation_after_conflict(_: World) -> Iterator[None]:
    """Changes of a failed attempt are not invalidated."""
    with patched((Invalidation, "note", _uncertain(lambda run: run.lease.recovery))):
        yield


@bug("nobody remembers what is still to be invalidated", profile=2)
def stale_is_forgotten(_: World) -> Iterator[None]:
    """An invocation that dies before its invalidation leaves old files at the edge."""
    release = MemoryLockTable.release

    def forgetful(self: MemoryLockTable, *args: Any, **_: Any) -> bool:
        return release(self, *args)

    with patched((MemoryLockTable, "release", forgetful)):
        yield
