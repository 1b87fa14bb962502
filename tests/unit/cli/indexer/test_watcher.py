import pytest

from s3pypi.errors import AwsError, S3PyPIError, UnavailableError
from s3pypi.indexer.client import Indexer, QueueState
from s3pypi.indexer.watcher import FIRST_PAUSE, LAST_PAUSE, PATIENCE, Watcher
from tests.unit.cli.fakes import FakeFunction

BEFORE = QueueState(0, 0, 3)


class Watch:
    """A watcher of a fake, which records its pauses and progress."""

    def __init__(self, *queue: tuple[int, int, int] | Exception) -> None:
        self.function = FakeFunction(queue=queue)
        self.pauses: list[float] = []
        self.advances: list[int] = []
        indexer = Indexer(self.function.ask, "bucket")
        self.wait = Watcher(indexer, self.advances.append, self.pauses.append).wait


def test_until_empty_twice() -> None:
    """The queue must be empty twice, and progress never decreases."""
    watch = Watch((8, 2, 3), (5, 1, 3), (7, 1, 3), (0, 0, 3), (0, 1, 3), (0, 0, 3), (0, 0, 3))
    watch.wait(10, BEFORE)
    assert len(watch.function.requests) == 7
    assert watch.advances == [4, 6]


def test_more_in_the_queue_than_was_sent() -> None:
    """Other messages are awaited, but not counted as progress."""
    watch = Watch((50, 0, 3), (0, 0, 3), (0, 0, 3))
    watch.wait(10, BEFORE)
    assert watch.advances == [10]


def test_pauses_grow() -> None:
    """The pauses between requests grow."""
    watch = Watch(*[(1, 0, 3)] * 20, (0, 0, 3), (0, 0, 3))
    watch.wait(1, BEFORE)
    assert watch.pauses == sorted(watch.pauses)
    assert (watch.pauses[0], watch.pauses[-1]) == (FIRST_PAUSE, LAST_PAUSE) == (0.5, 5)


def test_dead_letters() -> None:
    """New messages in the dead-letter queue are a failure."""
    with pytest.raises(S3PyPIError, match="dead-letter queue has 2 more messages than before"):
        Watch((0, 0, 5), (0, 0, 5)).wait(1, BEFORE)
    Watch((0, 0, 2), (0, 0, 2)).wait(1, BEFORE)


def test_a_busy_function_is_asked_again() -> None:
    """Temporary failures are retried."""
    watch = Watch(*[UnavailableError("busy")] * (PATIENCE - 1), (0, 0, 3), (0, 0, 3))
    watch.wait(1, BEFORE)
    assert len(watch.function.requests) == PATIENCE + 1


@pytest.mark.parametrize(
    ("error", "asked"), [(UnavailableError("busy"), PATIENCE), (AwsError("not permitted"), 1)]
)
def test_watching_in_vain(error: AwsError, asked: int) -> None:
    """If watching fails, the message says that the rebuild continues."""
    watch = Watch(*[error] * PATIENCE)
    with pytest.raises(S3PyPIError, match=f"continues, but its progress is unavailable: {error}"):
        watch.wait(1, BEFORE)
    assert len(watch.function.requests) == asked
