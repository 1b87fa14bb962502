"""The time from an upload until the file can be installed, without other load."""

import time

from tests.benchmarks.lab import Lab, Site
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample
from tests.factories import wheel

_BEFORE = 0.242  # seconds


def measure(lab: Lab) -> list[Row]:
    """Upload wheels to one project, one by one."""
    with lab.site() as site:
        site.forget()
        uploads = lab.size(40, 5)
        _until_listed(site, 0)  # the first one starts the function
        site.stack.resources.wait_until_idle(60)
        site.forget()
        values = []
        for number in range(1, uploads + 1):
            values.append(_until_listed(site, number))
            site.stack.resources.wait_until_idle(60)
        calls = site.function.tally.calls + site.clients.tally.calls
        latency = sum(lab.latencies.of(*call) * number for call, number in calls.items()) / uploads
    sample = Sample(tuple(values))
    p50, p95 = sample.percentile(50), sample.percentile(95)
    return [
        Row(
            what="upload to page, p50 / p95",
            ratio=f"{p50 / _BEFORE:.2f} x",
            ours=f"{p50 * 1000:.0f} ms / {p95 * 1000:.0f} ms",
            beside=f"calls in a row: {latency * 1000:.0f} ms",
            aim=f"0.7 x of {_BEFORE * 1000:.0f} ms",
            met=p50 <= 0.7 * _BEFORE,
            note=f"{_BEFORE * 1000:.0f} ms was the p50 when all calls waited for each other. The"
            " page and the file are now read, and the metadata file is put, while the directory is"
            " listed. What is left cannot be done at the same time: the lease, the listing, the"
            " JSON page, and after it the HTML page.",
        )
    ]


def _until_listed(site: Site, number: int) -> float:
    """Return the seconds from the start of the PUT until the JSON page lists the file."""
    made = wheel("idle", f"{number}.0")
    started = time.perf_counter()
    site.put(f"idle/{made.filename}", made.content)
    while made.filename not in site.listed("idle/"):
        if time.perf_counter() - started > 60:
            raise TimeoutError(made.filename)
        time.sleep(0.005)
    return time.perf_counter() - started
