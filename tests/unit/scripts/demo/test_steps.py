from collections.abc import Iterator
from itertools import accumulate, repeat

import pytest

from scripts.demo.demonstration import summary
from scripts.demo.steps import Steps


def seconds(step: float) -> Iterator[float]:
    """Return readings of a clock."""
    return accumulate(repeat(step))


def test_a_line_for_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    """A line has the step's number, its title and its time."""
    steps = Steps(seconds(2.5).__next__)
    for title in ("Build", "Upload"):
        with steps.step(title):
            pass
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("1. Build ...")
    assert first.endswith("...   2.5 s")
    assert second.startswith("2. Upload ...")
    assert len(first) == len(second) <= 80


def test_a_step_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """The line of a failed step shows the failure, and the error is raised."""
    with pytest.raises(ValueError, match="no bucket"), Steps().step("Upload"):
        raise ValueError("no bucket")
    assert capsys.readouterr().out.endswith(" failed\n")


def test_summary() -> None:
    """The summary has the relevant data, and supports pages of old versions."""
    file = {"filename": "a-1.0.zip", "url": "a-1.0.zip", "hashes": {"sha256": "0" * 64}, "size": 3}
    page = {"meta": {"api-version": "1.4"}, "name": "a", "versions": ["1.0"], "files": [file]}
    assert summary(page) == {
        "name": "a",
        "versions": ["1.0"],
        "files": [{"filename": "a-1.0.zip", "size": 3}],
    }
