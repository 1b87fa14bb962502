"""Memory that threads share."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from lambda_indexer.files.budget import Budget


def test_threads_wait_until_there_is_room() -> None:
    """Two that fit go on at the same time; a third waits for what one of them gives back."""
    budget, first, second, third = Budget(10), Event(), Event(), Event()

    def large() -> None:
        with budget.take(10):
            third.set()

    def small(here: Event, there: Event) -> None:
        with budget.take(5):
            here.set()
            assert there.wait(20)
            assert not third.is_set()

    with ThreadPoolExecutor() as pool:
        work = [pool.submit(small, first, second), pool.submit(small, second, first)]
        assert first.wait(20)
        assert second.wait(20)
        work.append(pool.submit(large))
        for each in work:
            each.result()
    assert third.is_set()


def test_an_error_gives_it_back() -> None:
    """Whatever the body raises."""
    budget = Budget(1)
    with pytest.raises(ValueError, match="no"), budget.take(1):
        raise ValueError("no")
    with budget.take(1):
        pass
