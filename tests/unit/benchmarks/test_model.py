"""The model of bursts: virtual time, and the price of a burst."""

import re
from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks import results
from tests.benchmarks.model.bursts import ours, peer, shares_of
from tests.benchmarks.model.clock import Clock
from tests.benchmarks.model.cloud import Conditions
from tests.benchmarks.model.rebuild import cold
from tests.benchmarks.model.timeline import picture

BURST = shares_of(20, 4, 1)


def test_processes_sleep_side_by_side() -> None:
    """The clock jumps from one wake-up to the next."""
    clock, seen = Clock(), []

    def process(name: str, seconds: float) -> None:
        for _ in range(2):
            clock.sleep(seconds)
            seen.append((name, clock.now))

    clock.spawn(lambda: process("slow", 3))
    clock.spawn(lambda: process("fast", 1), after=0.5)
    clock.run()
    assert seen == [("fast", 1.5), ("fast", 2.5), ("slow", 3), ("slow", 6)]


def test_a_map_makes_so_many_calls_at_a_time() -> None:
    """Results come in order, and the first error when all calls have ended."""
    clock, took = Clock(), []

    def wait(seconds: int) -> int:
        clock.sleep(seconds)
        if seconds == 4:
            raise ValueError("four")
        return seconds

    def process() -> None:
        took.append((list(clock.parallel(2)(wait, [3, 1, 1, 1])), clock.now))
        assert list(clock.parallel(2)(wait, [])) == []
        with pytest.raises(ValueError, match="four"):
            clock.parallel(2)(wait, [4, 5])
        took.append(([], clock.now))

    clock.spawn(process)
    clock.run()
    assert took == [([3, 1, 1, 1], 3), ([], 8)]


def test_a_burst_into_one_project_shares_runs() -> None:
    """The calls hardly grow with the events, and every run repeats exactly."""
    burst = ours(BURST, Conditions())
    calls = burst.cloud.calls
    assert burst.cloud.listed.keys() == {key for keys in BURST for key in keys}
    assert calls["ListObjectsV2"] <= 5
    # A PUT by the client, one of the metadata file, and a read for each file.
    assert calls["PutObject"] - 2 * 80 <= 8
    assert calls["GetObject"] - 80 <= 8
    assert calls["UpdateItem"] <= 100
    assert ours(BURST, Conditions()).seconds == burst.seconds
    assert ours(BURST, Conditions(), seed=2).seconds != burst.seconds


def test_no_more_invocations_than_allowed() -> None:
    """Neither at first nor later."""
    cloud = ours(BURST, Conditions(concurrency=2), traced=True).cloud
    ends = Counter[str]()
    starts: dict[str, float] = {}
    for span in cloud.spans:
        if span.who.startswith("#"):
            starts.setdefault(span.who, span.start)
            ends[span.who] = max(ends[span.who], span.end)  # type: ignore[assignment]
    for start in starts.values():
        assert sum(starts[who] <= start < ends[who] for who in starts) <= 2


def test_the_peer_of_the_model_makes_the_calls_of_the_real_one() -> None:
    """As they were counted for one wheel."""
    [row] = results.kept(["calls"])
    counted = row.note.rpartition("2.0.1: ")[2]
    real = {name: int(number) for number, name in re.findall(r"([0-9]+) (\w+)", counted)}
    calls = peer([["foo/foo-1.0-py3-none-any.whl"]], Conditions()).cloud.calls
    assert calls.pop("UpdateItem") == sum(real.pop(n) for n in ("GetItem", "PutItem", "DeleteItem"))
    assert dict(calls) == real


def test_a_command_of_the_peer_that_gets_no_lock_is_started_again() -> None:
    """Until all have succeeded."""
    burst = peer(shares_of(40, 4, 1), Conditions(), over=0.1)
    assert len(burst.cloud.uploaded) == 160
    assert burst.failures > 0


def test_the_picture_has_a_row_for_each_and_a_bar_for_each_call() -> None:
    """And is XML."""
    spans = ours(shares_of(2, 1, 1), Conditions(), traced=True).cloud.spans
    drawn = ET.fromstring(picture(spans))  # noqa: S314 - it is our own
    names = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"machine 0", "machine 1", "#1"} <= {*names}
    bars = [*drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert len([bar for bar in bars if bar.get("fill-opacity")]) == len(spans)


def test_a_first_rebuild_is_little_more_than_its_reads_and_writes() -> None:
    """And writes both root pages once, however many projects there are."""
    mine, bare, cloud = cold(60, 20, Conditions())
    assert mine <= 1.2 * bare
    written = [key for operation, key in cloud.storage.calls if operation == "PUT"]
    assert [key for key in written if "/" not in key] == ["index.json", "index.html"]
    assert len(written) == 60 * (20 + 2) + 2
