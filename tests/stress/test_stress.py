from pathlib import Path

from tests.stress.plan import Plan
from tests.stress.run import run


def test_nothing_is_lost_under_fire(function_zip: Path) -> None:
    """Every file is on its page, in spite of kills, faults and duplicates."""
    plan = Plan(
        uploaders=6, projects=32, contended=2, wheels=60, duplicates=10, kills=4, kill_every=1
    )
    report = run(plan, function_zip)
    assert report.problems == [], str(report)
    assert report.killed >= plan.kills
    assert report.repeated == plan.duplicates
    assert len(report.aftermath.waits) == plan.wheels
    assert sum(count for how, count in report.fates.items() if how != "pass") > 0
