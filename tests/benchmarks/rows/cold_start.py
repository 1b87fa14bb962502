"""What the function takes before its first event."""

import subprocess
import sys
import zipfile
from pathlib import Path

from scripts.emulator import CREDENTIALS, REGION
from tests.benchmarks.lab import Lab
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures, seconds

_BARE = """
import boto3
boto3.client("s3"), boto3.client("dynamodb")
"""
_OURS = """
from lambda_indexer import handler
handler.Service.start(handler.Settings.from_environment({"S3PYPI_LOCKS_TABLE": "locks"}))
"""


def measure(lab: Lab) -> list[Row]:
    """The real zip beside a function that only makes the two clients, in new interpreters."""
    task = lab.home / "task"
    with zipfile.ZipFile(lab.zip) as archive:
        archive.extractall(task)
    runs = lab.runs(15)
    pairs = [(_start(task, _OURS), _start(task, _BARE)) for _ in range(runs)]
    ours = Sample(tuple(pair[0] for pair in pairs))
    bare = Sample(tuple(pair[1] for pair in pairs))
    size = lab.zip.stat().st_size
    return [
        Row(
            what="function's cold start: a new interpreter until it is ready for an event",
            ratio=f"{figures(ours.over(bare))} x",
            ours=f"{ours.shown()}; the zip has {size / 1e6:.2f} MB",
            beside=f"only boto3, and clients of S3 and DynamoDB: {bare.shown()}",
            aim="within 1.25 x",
            met=ours.over(bare) <= 1.25,
        )
    ]


def _start(task: Path, code: str) -> float:
    """Seconds that an interpreter takes for some code, with the zip's content before all else.

    As in Lambda, where the code lies on a file system that cannot be written to, no bytecode is
    kept from run to run but what the zip brings along.
    """
    environment = {
        **CREDENTIALS,
        "AWS_DEFAULT_REGION": REGION,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(task),
        "PYTHONSAFEPATH": "1",
    }
    command = [sys.executable, "-s", "-c", code]
    return seconds(lambda: subprocess.run(command, env=environment, check=True, cwd=task))  # noqa: S603
