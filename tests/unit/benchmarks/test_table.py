"""The calculations of the benchmarks, and their table."""

import json
import re
from pathlib import Path

import pytest

from scripts.local.proxy.aws_calls import Call
from tests.benchmarks import results
from tests.benchmarks.__main__ import ROWS
from tests.benchmarks.document import document
from tests.benchmarks.latency import Latencies
from tests.benchmarks.row import Row, table
from tests.benchmarks.sample import Sample

ROOT = Path(__file__).parents[3]
MOST_CHARACTERS = 45

ROW = Row(what="a", ratio="2 x", ours="1 s", beside="2 s", aim="3 x", met=False)


def test_a_sample_is_known_by_its_median() -> None:
    """A slow run only changes the spread."""
    sample = Sample((0.2, 9.0, 0.1))
    assert sample.median == 0.2
    assert sample.over(Sample((0.1,))) == 2
    assert sample.shown() == "200 ms (100–9,000)"  # noqa: RUF001 - a range
    assert Sample((12.34,)).shown() == "12.3 s"
    assert Sample((1234.5,)).shown("MiB/s") == "1,234 MiB/s"


@pytest.mark.parametrize(("percent", "value"), [(50, 5), (95, 10), (1, 1), (100, 10)])
def test_a_percentile_is_one_of_the_values(percent: int, value: float) -> None:
    """Percentiles use the nearest rank."""
    assert Sample(tuple(range(10, 0, -1))).percentile(percent) == value


def test_notes_are_numbered_in_the_table() -> None:
    """Notes are numbered in the rows and listed below the table."""
    noted = Row(what="b", ratio="1", ours="1", beside="", aim="1", met=True, note="because")
    lines = table([ROW, noted]).splitlines()
    assert lines[2] == "| a | **2 x** | 1 s | 2 s | 3 x | **no** |"
    assert lines[3] == "| b [1] | **1** | 1 |  | 1 | yes |"
    assert lines[5] == "1. because"


def test_the_same_note_stands_once() -> None:
    """Rows with the same note share its number."""
    noted = Row(what="b", ratio="1", ours="1", beside="", aim="1", met=True, note="because")
    lines = table([noted, noted]).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:4]] == ["| b [1]", "| b [1]"]
    assert lines[4:] == ["", "1. because"]


def test_the_page_is_the_template_with_a_table_of_short_cells() -> None:
    """Long texts become notes; the text around the table comes from the template."""
    page = (ROOT / "docs" / "benchmarks.md").read_text()
    template = (ROOT / "tests" / "benchmarks" / "page.md").read_text()
    text = re.escape(template).replace(re.escape("$table"), r"(?P<table>.+)")
    found = re.fullmatch(re.sub(r"\\\$\w+", "[^\n]+?", text), page, re.DOTALL)
    assert found
    rows = re.findall(r"^\| (.*) \|$", found["table"], re.MULTILINE)[2:]
    assert len(rows) >= 15
    assert [cell for row in rows for cell in row.split(" | ") if len(cell) > MOST_CHARACTERS] == []


def test_a_call_takes_as_long_as_its_kind() -> None:
    """Listings and services have separate times, in seconds."""
    latencies = Latencies(s3=25, list=60, dynamodb=6, other=1)
    kinds = {("s3", "PutObject"): 0.025, ("s3", "ListObjectsV2"): 0.06}
    kinds |= {("dynamodb", "UpdateItem"): 0.006, ("sqs", "SendMessage"): 0.001}
    for (service, operation), seconds in kinds.items():
        assert latencies.of(service, operation) == seconds
        assert latencies.decide(Call(service, operation, "/")).delay == seconds


def test_one_row_can_be_measured_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other rows stay unchanged, in the order of the table."""
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    assert results.kept(["first"]) == []
    results.keep("second", [ROW])
    results.keep("first", [ROW, ROW])
    results.keep("first", [ROW])
    assert results.kept(["first", "never", "second"]) == [ROW, ROW]
    page = document(results.kept(["first"]), Latencies(), results.dates(["first"]))
    assert table([ROW]) in page
    assert "$" not in page


def test_the_setup_says_when_the_oldest_and_the_newest_row_were_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page with rows of several days shows the range."""
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    days = {"a": "2026-11-25", "b": "2026-11-20", "c": "2026-11-25"}
    text = json.dumps({name: {"date": day, "rows": []} for name, day in days.items()})
    results.RESULTS.write_text(text)
    assert results.dates(["a", "c", "never"]) == "2026-11-25"
    assert results.dates(days) == "2026-11-20 to 2026-11-25"


def test_the_results_in_the_repository_are_those_of_the_page() -> None:
    """Measuring one row keeps the others on the page."""
    page = (ROOT / "docs" / "benchmarks.md").read_text()
    assert table(results.kept(ROWS)) in page
    assert f"Measured on {results.dates(ROWS)} on" in page
    assert {row for row in ROWS if not results.kept([row])} == set()
