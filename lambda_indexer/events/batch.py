"""Process a batch: group events by project, process each project once, collect failed messages."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lambda_indexer.errors import IndexerError
from lambda_indexer.events.parsing import Message
from lambda_indexer.events.work import Cause, Work, causes_of
from lambda_indexer.index.filing import Filed
from lambda_indexer.index.outcome import Outcome
from lambda_indexer.index.places import Directory, Index, Project
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.ports import Parallel


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one project or one misplaced file.

    Attributes:
        work: the project or file.
        cause: why it was processed.
        outcome: the result, or the error with which its messages fail.
        seconds: how long it took, including the wait for a lease.
    """

    work: Work
    cause: Cause
    outcome: Outcome | Filed | Exception
    seconds: float


def process(messages: Sequence[Message], indexer: Indexer, parallel: Parallel) -> list[Result]:
    """Process the messages, each project once.

    Args:
        messages: as `parsing.parse` returns them; those with an `error` are skipped.
        indexer: does the work.
        parallel: maps over projects in parallel.

    Returns:
        A result for each project and misplaced file, including errors; nothing is raised.
    """
    causes, now = causes_of(messages, indexer.kinds), indexer.leases.clock()

    def do(work: Work) -> Result:
        started = time.monotonic()
        outcome: Outcome | Filed | Exception
        try:
            if isinstance(work, Project):
                outcome = indexer.regenerate(work, causes[work].trigger(now))
            elif isinstance(work, Index):
                outcome = indexer.restore(work)
            else:
                outcome = indexer.filing.file(work.bucket, work.key)
        except Exception as error:  # noqa: BLE001 - each fails for itself
            outcome = error
        return Result(work, causes[work], outcome, time.monotonic() - started)

    return _invalidated(indexer, list(parallel(do, causes)))


def _invalidated(indexer: Indexer, results: list[Result]) -> list[Result]:
    """Invalidate what changed; if that fails, so do the messages of the directories concerned."""
    try:
        indexer.invalidation.send()
    except IndexerError as error:
        # A directory may also be regenerated on behalf of one below it.
        return [
            replace(result, outcome=error)
            if isinstance(result.work, Directory)
            and not isinstance(result.outcome, Exception)
            and any(result.work.lock_id.startswith(lock) for lock in indexer.stale)
            else result
            for result in results
        ]
    return results


def failed(messages: Sequence[Message], results: Iterable[Result]) -> dict[int, Exception]:
    """The indexes of the messages to retry, with one error for each."""
    errors: dict[int, Exception] = {
        number: message.error for number, message in enumerate(messages) if message.error
    }
    for result in results:
        if isinstance(result.outcome, Exception):
            errors.update(dict.fromkeys(result.cause.messages, result.outcome))
    return errors
