"""Bursts in the model, where every machine and every invocation has a processor of its own."""

from unittest.mock import patch

from lambda_indexer.model import ProjectPage
from tests.benchmarks.lab import Lab
from tests.benchmarks.model import timeline
from tests.benchmarks.model.bursts import START, Burst, ours, peer, shares_of
from tests.benchmarks.model.cloud import Conditions, cost
from tests.benchmarks.model.rebuild import cold
from tests.benchmarks.row import Row
from tests.benchmarks.rows.money import PRICES
from tests.benchmarks.sample import Sample, figures

_MEMORY = 1.0  # GB, the module's default
_SEEDS = range(1, 8)


def measure(lab: Lab) -> list[Row]:
    """Fifty machines, a hundred wheels, and ten thousand events in a minute."""
    timeline.main()
    conditions = Conditions(lab.latencies)
    assumed = (
        f"In the model: a command takes {START:g} s to its first byte, S3 takes"
        f" {conditions.event:g} s to send an event, a new environment {conditions.cold:g} s to"
        f" start, a call {conditions.processor * 1000:g} ms of the one processor that each machine"
        f" and each invocation has, and latencies differ by {conditions.spread:.0%} either way."
    )
    rows = [
        _compared(
            shares_of(50, 4, 1),
            conditions,
            "50 machines, 4 wheels each",
            assumed,
            "mostly one run that reads all 200 files: 400 calls, which keep its processor busy",
        ),
        _compared(
            shares_of(1, 100, 10),
            conditions,
            "100 wheels, `--wait`",
            assumed,
            "the uploads, ten new projects that take turns with one root page, and the command's"
            " pauses between its looks at the pages",
            wait=True,
        ),
    ]
    rows.append(_rebuild(lab, conditions))
    machines = lab.size(1_000, 100)
    shares = shares_of(machines, 10, 10)
    old = peer(shares, conditions, over=60)
    for limit in (10, 1000):
        # Rendering takes no virtual time, and nobody reads the HTML, but it must change with JSON.
        with patch("lambda_indexer.index.publishing.project_html", _no_html):
            burst = ours(shares, Conditions(lab.latencies, concurrency=limit), over=60)
        delays = burst.delays
        rows.append(
            Row(
                what=f"model: {machines * 10:,} files in 60 s, limit {limit:,}",
                ratio=f"{figures(delays.percentile(50))} / {figures(delays.percentile(100))} s",
                ours=f"all {figures(burst.seconds)} s, {_calls(burst)}",
                beside=f"2.0.1: all {figures(old.seconds)} s, {_calls(old)}",
                aim="stated",
                met=True,
                note=f"{machines:,} machines begin within a minute, each with a wheel of each of 10"
                " projects. From the PUT of a file until it is on its page, median and longest,"
                f" with at most so many concurrent executions; until all are listed; calls; price."
                f" s3pypi 2.0.1: {old.failures:,} commands fail and are started again.",
            )
        )
    return rows


def _rebuild(lab: Lab, conditions: Conditions) -> Row:
    projects, files = lab.size(5_000, 50), 20
    mine, bare, cloud = cold(projects, files, conditions)
    roots = sum(
        operation == "PUT" and key in {"index.json", "index.html"}
        for operation, key in cloud.storage.calls
    )
    return Row(
        what=f"model: rebuild, {projects * files:,} files, no pages",
        ratio=f"{figures(mine / bare)} x",
        ours=f"{figures(mine)} s",
        beside=f"bare calls: {figures(bare)} s",
        aim="1.2 x or less",
        met=mine <= 1.2 * bare,
        note=f"{projects:,} projects, by one function. Compared with the same listing, a read and a"
        " write for each file, and two writes for each project, by as many workers. The projects'"
        f" own listings and leases take turns with those. {roots} writes of root pages, for all"
        " projects together.",
    )


def _no_html(page: ProjectPage, **_: object) -> bytes:
    return "\n".join([f"{file.filename} {file.etag}" for file in page.records]).encode()


def _calls(burst: Burst) -> str:
    dollars = cost(burst.cloud, PRICES, _MEMORY)
    return f"{sum(burst.cloud.calls.values()):,}, ${dollars:.2f}"


def _compared(
    shares: list[list[str]],
    conditions: Conditions,
    what: str,
    assumed: str,
    rest: str,
    *,
    wait: bool = False,
) -> Row:
    mine = Sample(tuple(ours(shares, conditions, seed=n, wait=wait).seconds for n in _SEEDS))
    old = [peer(shares, conditions, seed=n) for n in _SEEDS]
    theirs = Sample(tuple(burst.seconds for burst in old))
    given = conditions.event + conditions.cold + START
    return Row(
        what=f"model: {what}",
        ratio=f"{figures(theirs.over(mine))} x faster",
        ours=mine.shown(),
        beside=f"s3pypi 2.0.1: {theirs.shown()}",
        aim="20 x faster",
        met=theirs.over(mine) >= 20,
        note=f"{assumed} Until all files are listed; {len(_SEEDS)} runs, in which machines begin at"
        f" random within half a second. {given:g} s are the start of the command, of the event and"
        " of the first environments, so no index that events drive could be more than"
        f" {theirs.median / given:.1f} x faster. The rest is {rest}. Median of failed commands of"
        f" s3pypi 2.0.1: {_median_failures(old)}; the same burst of real processes is measured"
        " above.",
    )


def _median_failures(bursts: list[Burst]) -> int:
    return sorted(burst.failures for burst in bursts)[len(bursts) // 2]
