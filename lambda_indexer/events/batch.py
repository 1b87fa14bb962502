"""Process a batch of messages: each project once, and each failure by itself."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lambda_indexer.errors import IndexerError
from lambda_indexer.events.messages import Message
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
        work: The project or file.
        cause: The cause of the processing.
        outcome: The result, or the error of its messages.
        seconds: The duration, including the wait for a lease.
    """

    work: Work
    cause: Cause
    outcome: Outcome | Filed | Exception
    seconds: float


def process(messages: Sequence[Message], indexer: Indexer, parallel: Parallel) -> list[Result]:
    """Process the messages, each project once.

    Args:
        messages: The messages, from `parsing.parse`; those with an `error` are skipped.
        indexer: The indexer.
        parallel: A parallel map.

    Returns:
        A result for each project and misplaced file. Errors are results, and never raised.
    """
    causes = causes_of(messages, indexer.kinds, indexer.pages.site.session)
    now = indexer.leases.clock()

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
        except Exception as error:  # noqa: BLE001 - the others continue
            outcome = error
        return Result(work, causes[work], outcome, time.monotonic() - started)

    return _invalidated(indexer, list(parallel(do, causes)))


def _invalidated(indexer: Indexer, results: list[Result]) -> list[Result]:
    """Invalidate changed files in the CDN; on failure, fail the messages of their directories."""
    try:
        indexer.invalidation.send()
    except IndexerError as error:
        # A directory may also have been regenerated for one below it.
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
    """Return the indexes of the messages to retry, with one error for each."""
    errors: dict[int, Exception] = {
        number: message.error for number, message in enumerate(messages) if message.error
    }
    for result in results:
        if isinstance(result.outcome, Exception):
            errors.update(dict.fromkeys(result.cause.messages, result.outcome))
    return errors
