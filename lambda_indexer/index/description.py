"""Make the next page from a snapshot and the last page; only changed files are read."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from lambda_indexer.index.about import Candidates
from lambda_indexer.index.decision import Decider, Decision, Record
from lambda_indexer.index.markers import status_of, with_yanks
from lambda_indexer.index.outcome import Outcome, Run
from lambda_indexer.index.snapshot import Snapshot
from lambda_indexer.model import (
    MAX_SHOWN,
    ProjectFile,
    ProjectPage,
    RefusedFile,
    StoredObject,
)
from lambda_indexer.ports import Parallel, Storage


@dataclass(frozen=True, slots=True)
class Description:
    """A page, and how it differs from the last one.

    Attributes:
        page: the content of the project's page.
        outcome: what became of the files.
        stale: the files of which the CDN may have cached other content.
    """

    page: ProjectPage
    outcome: Outcome
    stale: frozenset[str]


def describe(
    run: Run,
    snapshot: Snapshot,
    previous: ProjectPage,
    *,
    storage: Storage,
    parallel: Parallel,
    in_time: Callable[[], bool],
) -> Description:
    """Make the page of a snapshot, and put the sidecars that the page advertises.

    Args:
        run: the run.
        snapshot: of the project's directory.
        previous: the last page. Its records only save work, except for `upload_time`.
        storage: the bucket.
        parallel: maps over files in parallel.
        in_time: whether there is still time to read files.

    Raises:
        ChangedError: the directory has changed since the snapshot.
        StorageError: S3 refused or failed.
    """
    here, records = snapshot.files, _records(previous)
    before = {**{file.filename: file for file in previous.unread}, **records}
    candidates = Candidates(snapshot)
    decider = Decider(storage, snapshot, candidates, in_time, run.prefetched)

    def decide(stored: StoredObject) -> Decision:
        return decider.decide(stored, before.get(stored.filename))

    due = snapshot.distributions if run.trigger.fresh else files_to_read(snapshot, previous)
    # The smallest first: a file that is too large for the remaining time then has the whole next
    # invocation.
    decisions = list(parallel(decide, sorted(due, key=lambda stored: stored.size)))
    read = {decision.filename for decision in decisions if decision.read}
    current = records.keys() & here.keys() - {stored.filename for stored in due}
    now = [decision.now for decision in decisions if decision.now]
    now += [records[filename] for filename in current]
    files = [file for file in now if isinstance(file, ProjectFile)]
    refused = [file for file in now if isinstance(file, RefusedFile)]
    status = status_of(storage, snapshot, previous)
    if isinstance(status, RefusedFile):
        refused.append(status)
        status = None
    unshown = set(previous.unshown)
    if unshown:
        unshown &= {here[filename].fingerprint for filename in here.keys() - read}
    page = ProjectPage.of(
        snapshot.project.name,
        with_yanks(storage, parallel, snapshot, files, previous),
        refused,
        status,
        unread=[decision.unread for decision in decisions if decision.unread],
        unshown=unshown,
    )
    page = replace(page, about=candidates.choose(storage, page.records, previous))
    outcome = replace(
        run.outcome(),
        files=len(page.files),
        refused=len(page.refused) + len(page.unshown),
        indexed=tuple(each.filename for each in decisions if each.read),
        newly_refused=tuple(file for file in page.refused if file not in previous.refused),
        overwritten=tuple(each.filename for each in decisions if each.overwritten),
        removed=snapshot.missing(previous),
        notices=tuple(sorted(each.notice for each in decisions if each.notice)),
        left=len(due) - len(read),
    )
    stale = {decision.filename for decision in decisions if decision.stale}
    return Description(page, outcome, frozenset({*outcome.removed, *stale}))


def files_to_read(snapshot: Snapshot, previous: ProjectPage) -> list[StoredObject]:
    """The distributions without a record on the last page, or with an outdated one.

    Files that are known to be refused and that the page does not show are left out, except for
    those that it must show now: a page shows the first by name, and if one of these is gone, the
    reason of the next one is needed.
    """
    records = _records(previous)
    outdated = [
        stored
        for filename, stored in snapshot.files.items()
        if (record := records.get(filename)) is None or not snapshot.confirms(record, stored)
    ]
    if not previous.unshown:
        return outdated
    known = set(previous.unshown)
    unshown = {stored.filename for stored in outdated if stored.fingerprint in known}
    changed = {stored.filename for stored in outdated}
    shown = {
        file.filename
        for file in previous.refused
        if file.filename in snapshot.files and (file.again or file.filename not in changed)
    }
    hidden = unshown - set(sorted(unshown | shown)[:MAX_SHOWN])
    return [stored for stored in outdated if stored.filename not in hidden]


def _records(page: ProjectPage) -> dict[str, Record]:
    files: tuple[Record, ...] = (*page.records, *page.refused)
    return {file.filename: file for file in files}
