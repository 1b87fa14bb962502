"""The handler's own parts that need no AWS."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lambda_indexer.handler import bounded_map


def test_a_bounded_map_keeps_the_order() -> None:
    """Whatever finishes first."""
    with ThreadPoolExecutor(4) as pool:
        assert list(bounded_map(pool)(str, range(20))) == [str(number) for number in range(20)]


def test_after_a_failure_nothing_is_under_way() -> None:
    """What has begun is waited for."""
    begun, ended = [], []
    failing, slow = threading.Event(), threading.Event()

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            slow.wait(10)
            failing.set()
            raise RuntimeError("the first")
        slow.set()
        failing.wait(10)
        ended.append(number)

    with ThreadPoolExecutor(2) as pool, pytest.raises(RuntimeError, match="the first"):
        bounded_map(pool)(work, range(5))
    assert sorted(begun) == sorted([0, *ended])


def test_a_long_map_does_not_keep_a_short_one_waiting_for_its_end() -> None:
    """They take turns: an item of one that is waiting comes before all that the other still has."""
    done: list[str] = []
    begun, both = threading.Event(), threading.Event()

    def work(name: str) -> None:
        begun.set()
        both.wait(10)
        done.append(name)

    with ThreadPoolExecutor(1) as files, ThreadPoolExecutor(1) as projects:
        long = projects.submit(bounded_map(files), work, [f"long {number}" for number in range(50)])
        assert begun.wait(10)
        short = files.submit(done.append, "short")
        both.set()
        long.result(10)
        short.result(10)
    assert done.index("short") == 1
    assert len(done) == 51
