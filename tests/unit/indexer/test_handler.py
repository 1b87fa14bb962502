"""The handler's own parts that need no AWS."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lambda_indexer.handler import settled


def test_a_settled_map_keeps_the_order() -> None:
    """Whatever finishes first."""
    with ThreadPoolExecutor(4) as pool:
        assert list(settled(pool)(str, range(20))) == [str(number) for number in range(20)]


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
        settled(pool)(work, range(5))
    assert sorted(begun) == sorted([0, *ended])
