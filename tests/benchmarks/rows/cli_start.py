"""The start time of the command."""

import compileall
import subprocess
import sys
import time
from pathlib import Path

import click

import s3pypi
from scripts.local.proxy.aws_calls import Call
from scripts.local.proxy.fates import Fate
from tests.benchmarks.lab import PEERS, Lab, Site
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures, seconds
from tests.benchmarks.wheels import make_wheels

_BARE = """
import sys, boto3
with open(sys.argv[1], "rb") as body:
    boto3.client("s3").put_object(Bucket=sys.argv[2], Key="bare/x.bin", Body=body)
"""


def measure(lab: Lab) -> list[Row]:
    """Measure `--version`, and the time until an upload sends its first byte."""
    runs = lab.runs(15)
    # As installers do; Python would compile an editable checkout anew where it may not write.
    for package in (s3pypi, click):
        compileall.compile_dir(package.__path__[0], quiet=1)
    with lab.site() as site:
        bucket = site.stack.resources.bucket
        [path] = make_wheels(lab.home / "start", 1, 1)

        def start(*command: str | Path) -> float:
            return _until_first_call(site, [sys.executable, *command])

        upload = ("-m", "s3pypi", "upload", path, "--bucket", bucket, "--force")
        start(*upload)
        pairs = [(start(*upload), start("-c", _BARE, path, bucket)) for _ in range(runs)]
        ours = Sample(tuple(pair[0] for pair in pairs))
        bare = Sample(tuple(pair[1] for pair in pairs))

        def version(python: str | Path) -> float:
            return seconds(lambda: lab.run([python, "-m", "s3pypi", "--version"], site))

        ours_version = Sample.of(runs, lambda: version(sys.executable))
        peer_version = Sample.of(runs, lambda: version(PEERS / "bin" / "python"))
        nothing = Sample.of(
            runs, lambda: seconds(lambda: lab.run([sys.executable, "-c", ""], site))
        )
    return [
        Row(
            what="start to first byte sent",
            ratio=f"{figures(ours.over(bare))} x",
            ours=ours.shown(),
            beside=f"boto3 client: {bare.shown()}",
            aim="1.1 x or less",
            met=ours.over(bare) <= 1.1,
        ),
        Row(
            what="`s3pypi --version`",
            ratio=f"{figures(peer_version.over(ours_version))} x faster",
            ours=ours_version.shown(),
            beside=f"s3pypi 2.0.1: {peer_version.shown()}",
            aim="2 x faster",
            met=peer_version.over(ours_version) >= 2,
            note=f"Python that does nothing takes {nothing.shown()}.",
        ),
    ]


def _until_first_call(site: Site, command: list[str | Path]) -> float:
    """Return the seconds from the start of a process to its first request."""
    arrived: list[float] = []
    decide = site.clients.decide

    def note(call: Call) -> Fate:
        arrived.append(time.perf_counter())
        return decide(call)

    site.clients.decide = note
    try:
        started = time.perf_counter()
        subprocess.run(command, env=site.environment, check=True, capture_output=True)  # noqa: S603
    finally:
        site.clients.decide = decide
    return arrived[0] - started
