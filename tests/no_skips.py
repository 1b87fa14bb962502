"""In CI, a skipped test is a failure: the machine must have everything that tests need."""

import os
from collections.abc import Generator

import pytest

CI = bool(os.environ.get("CI"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn skipped tests into failed ones, except for expected failures."""
    report = yield
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"CI does not allow skips: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for modules that are skipped as a whole."""
    report = yield
    if CI and report.skipped:
        report.outcome, report.longrepr = "failed", f"CI does not allow skips: {report.longrepr}"
    return report
