"""Uploads from many machines to the same project."""

import json
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

from tests.benchmarks import machines
from tests.benchmarks.lab import PEER_BUCKET, PEERS, Lab, Site
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures
from tests.benchmarks.wheels import make_wheels

MACHINES, EACH = 50, 4


def measure(lab: Lab) -> list[Row]:
    """Upload 4 wheels from each of 50 machines, until all are on the page."""
    number = lab.size(MACHINES, 10)
    paths = make_wheels(lab.home / "contention", 1, number * EACH)
    shares = [paths[start : start + EACH] for start in range(0, len(paths), EACH)]
    runs = count()
    ours, alone, peer, shared, failures = [], [], [], [], 0
    with lab.site() as site:
        resources = site.stack.resources
        for _ in range(lab.runs(3)):
            prefix = f"run{next(runs)}"
            before = len(resources.function_log())
            started, failed = _upload(site, sys.executable, _OURS, shares, resources.bucket, prefix)
            assert failed == 0
            ours.append(_until_listed(site, prefix, paths) - started)
            resources.wait_until_idle(120)
            log = resources.function_log()[before:]
            shared.append(sum('"regenerated"' in line for line in log) / len(paths))
            prefix = f"run{next(runs)}"
            started, failed = _upload(site, sys.executable, _OURS, shares, PEER_BUCKET, prefix)
            assert failed == 0
            alone.append(time.time() - started)
            prefix = f"run{next(runs)}"
            python = str(PEERS / "bin" / "python")
            started, failed = _upload(site, python, _PEER, shares, PEER_BUCKET, prefix)
            failures += failed
            peer.append(time.time() - started)
    mine, uploading, theirs = (Sample(tuple(values)) for values in (ours, alone, peer))
    return [
        Row(
            what=f"{number} machines, {EACH} wheels each",
            ratio=f"{figures(theirs.over(mine))} x faster",
            ours=mine.shown(),
            beside=f"s3pypi 2.0.1: {theirs.shown()}",
            aim="20 x faster",
            met=theirs.over(mine) >= 20 and max(shared) <= 0.1,
            note="All upload to one project at once; the time is until all files are on its page."
            f" The aim also allows no failures, and regenerations for at most 10% of the events:"
            f" there were no failures, and {max(shared):.1%}. Without a function, the uploads alone"
            f" take {uploading.shown()}. s3pypi 2.0.1 runs with its lock, and each machine retries"
            f" until it succeeds: {failures / len(peer):.0f} failures. Most of its time is spent on"
            " the lock, which it requests once a second, ten times. The machines are processes"
            " forked after the imports. Fifty clients, the proxies, the local AWS and the function"
            " share the processors. The fifty clients alone keep them so busy that no index could"
            f" be more than {theirs.over(uploading):.0f} x faster here; the latencies add up to"
            " about a second.",
        )
    ]


_OURS = (
    "s3pypi.cli",
    "s3pypi.commands.upload",
    "s3pypi.uploads.selection",
    "s3pypi.uploads.uploader",
    "s3pypi.aws.bucket",
    "s3pypi.aws.clients",
    "botocore.signers",
)
_PEER = ("s3pypi.__main__",)


def _upload(  # noqa: PLR0917 - a machine's whole equipment
    site: Site,
    python: str,
    modules: tuple[str, ...],
    shares: list[list[Path]],
    bucket: str,
    prefix: str,
) -> tuple[float, int]:
    """Upload all wheels at once; return the start time and the number of failures."""
    lines = [
        ["upload", *map(str, share), "--bucket", bucket, "--prefix", prefix] for share in shares
    ]
    done = subprocess.run(  # noqa: S603
        [python, machines.__file__, *modules],
        env=site.environment,
        input=json.dumps(lines),
        capture_output=True,
        check=True,
        text=True,
    )
    answer = json.loads(done.stdout)
    return answer["started"], answer["failures"]


def _until_listed(site: Site, prefix: str, paths: list[Path]) -> float:
    """Return the time, in epoch seconds, of the first page that lists all files."""
    deadline = time.time() + 300
    while time.time() < deadline:
        if len(site.listed(f"{prefix}/project-0/")) == len(paths):
            return time.time()
        time.sleep(0.02)
    raise TimeoutError("not all files are on the page")
