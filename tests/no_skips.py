"""On CI a test that is skipped has failed: the machine must have what the tests need."""

import os
from collections.abc import Generator

import pytest

CI = bool(os.environ.get("CI"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the report of a skipped test into that of a failed one; an expected failure is none."""
    report = yield
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"CI does not allow skips: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a module that is skipped as a whole."""
    report = yield
    if CI and report.skipped:
        report.outcome, report.longrepr = "failed", f"CI does not allow skips: {report.longrepr}"
    return report
