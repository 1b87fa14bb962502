"""The delays of failed messages."""

import pytest

from lambda_indexer.aws.sqs import seconds_until_retry
from lambda_indexer.errors import InvalidEventError, LeaseHeldError, StorageError
from lambda_indexer.events.work import LATE
from lambda_indexer.index.outcome import Outcome, OutOfTimeError
from lambda_indexer.index.places import Project
from s3pypi.layout import DirectoryPath


def test_a_message_waits_for_the_rest_of_the_lease() -> None:
    """It is retried when the lease has expired."""
    assert seconds_until_retry(LeaseHeldError("", retry_after=42), 1, 0) == 43
    assert seconds_until_retry(LeaseHeldError("", retry_after=42), 9, 1) == 45


@pytest.mark.parametrize(
    ("count", "lowest", "highest"), [(1, 1, 3), (2, 2, 6), (5, 16, 48), (99, 512, 900)]
)
def test_other_failures_back_off(count: int, lowest: int, highest: int) -> None:
    """Each delay is twice the previous one, with jitter, up to 15 minutes."""
    assert seconds_until_retry(StorageError(""), count, 0) == lowest
    assert seconds_until_retry(StorageError(""), count, 1) == highest


def test_what_ran_out_of_time_goes_on_at_once() -> None:
    """Each attempt gets further than the previous one."""
    outcome = Outcome(Project("bucket", DirectoryPath("foo/")))
    assert seconds_until_retry(OutOfTimeError(outcome), 9, 0.5) == 3


@pytest.mark.parametrize("count", [1, 5, 99])
def test_what_is_no_event_is_soon_among_the_dead_letters(count: int) -> None:
    """Retries do not help an invalid message."""
    assert seconds_until_retry(InvalidEventError(""), count, 0.5) == 3


def test_nothing_fails_ten_times_before_its_event_is_late() -> None:
    """Redriven messages are always older than `LATE`."""
    assert sum(seconds_until_retry(StorageError(""), count, 0) for count in range(1, 10)) > LATE
