"""The figures of docs/costs.md and the README, which follow from the prices."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "costs.md").read_text()
README = (ROOT / "README.md").read_text()
ROWS = {
    name.strip("* "): [cell.strip("* ") for cell in cells.split("|")]
    for name, cells in re.findall(r"^\| (.+?) \| (.*) \|$", PAGE, re.MULTILINE)
}
TOTAL = re.compile(r"^\| \*\*total without any free tier\*\* \| (.*) \|$", re.MULTILINE)
TOTALS = [
    [float(cell.strip("* ")) for cell in row.split("|")] for row in TOTAL.findall(PAGE)
]  # s3pypi, CodeArtifact, a server

# Files uploaded, GB kept, requests of readers, GB sent to them.
WORKLOADS = [(500, 10, 100_000, 20), (10_000, 200, 5e6, 500), (100_000, 2048, 100e6, 5120)]


@pytest.mark.parametrize("column", range(3))
def test_totals_follow_from_the_prices(column: int) -> None:
    """The totals of each workload follow from the prices."""
    files, stored, requests, sent = WORKLOADS[column]
    ours = files * 0.0433 / 1000 + stored * 0.023 + requests * 1.30e-6 + sent * 0.085 + 4.66
    artifact = stored * 0.05 + (requests * 2 / 3 + files) * 5e-6 + sent * 0.09
    server = 730 * (0.0168 + 0.005) + stored * 0.08 + sent * 0.09
    expected = [ours, artifact, server]
    assert [row[column] for row in TOTALS] == pytest.approx(expected, abs=0.02)


def test_the_table_has_these_workloads() -> None:
    """The first rows of the table have these workloads."""
    assert ROWS["files uploaded"] == ["500", "10,000", "100,000"]
    assert ROWS["files kept"] == ["10 GB", "200 GB", "2 TB"]
    assert ROWS["reader requests"] == ["100,000", "5 million", "100 million"]
    assert ROWS["data sent to readers"] == ["20 GB", "500 GB", "5 TB"]


def test_the_readme_rounds_these_figures() -> None:
    """The README compares the first two workloads."""
    free = [float(cell) for cell in ROWS["total with AWS's permanent free tier to itself"]]
    (small, medium, _), (few, some, _), (one, two, _) = TOTALS
    expected = [small, free[0], medium, free[1], few, some, one, two]
    [table] = re.findall(r"^## Why s3pypi\?$(.*?)^These are", README, re.MULTILINE | re.DOTALL)
    assert re.findall(r"\$(\d+)", table) == [f"{value:.0f}" for value in expected]
