"""The parallel map."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lambda_indexer.parallel import bounded_map


def test_a_bounded_map_keeps_the_order() -> None:
    """Results are in the order of the items."""
    with ThreadPoolExecutor(4) as pool:
        assert list(bounded_map(pool)(str, range(20))) == [str(number) for number in range(20)]


def test_after_a_failure_nothing_is_under_way() -> None:
    """Started calls are awaited before the failure is raised."""
    begun, ended = [], []
    slow, raised = threading.Event(), threading.Event()

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            slow.wait(10)
            raise RuntimeError("the first")
        slow.set()
        raised.wait(0.2)  # in vain: nothing is raised as long as this runs
        ended.append(number)

    with ThreadPoolExecutor(2) as pool:  # leaving it waits for its calls in any case
        with pytest.raises(RuntimeError, match="the first"):
            bounded_map(pool)(work, range(5))
        still_under_way = set(begun) - {0, *ended}
        raised.set()
    assert len(begun) > 1
    assert still_under_way == set()


def test_a_long_map_does_not_keep_a_short_one_waiting_for_its_end() -> None:
    """Maps take turns in the pool."""
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
