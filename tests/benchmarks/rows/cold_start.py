"""The cold start of the function."""

import zipfile
from pathlib import Path

from scripts.local.emulator import CREDENTIALS, REGION
from scripts.local.resources import HANDLER
from scripts.local.runtime import running_runtime
from tests.benchmarks.lab import Lab
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures

_BARE = """
import boto3

CLIENTS = boto3.client("s3"), boto3.client("dynamodb")

def handler(event, context):
    return None
"""
_NOTHING = {"Event": "s3:TestEvent"}


def measure(lab: Lab) -> list[Row]:
    """Compare the real zip with a function that only creates the two clients."""
    bare_zip = lab.home / "bare.zip"
    with zipfile.ZipFile(bare_zip, "w") as archive:
        archive.writestr("bare.py", _BARE)
    runs = lab.runs(15)
    pairs = [(_start(lab.zip, HANDLER), _start(bare_zip, "bare.handler")) for _ in range(runs)]
    ours = Sample(tuple(pair[0] for pair in pairs))
    bare = Sample(tuple(pair[1] for pair in pairs))
    size = lab.zip.stat().st_size
    return [
        Row(
            what="cold start of the function",
            ratio=f"{figures(ours.over(bare))} x",
            ours=ours.shown(),
            beside=f"boto3 clients: {bare.shown()}",
            aim="1.25 x or less",
            met=ours.over(bare) <= 1.25,
            note=f"The zip has {size / 1e6:.2f} MB, two thirds of it bytecode. Compared with only"
            " importing boto3 and creating clients of S3 and DynamoDB.",
        )
    ]


def _start(zip_path: Path, handler: str) -> float:
    """Return the seconds of the init phase, including the start of the interpreter."""
    environment = {
        **CREDENTIALS,
        "AWS_DEFAULT_REGION": REGION,
        # As in Lambda, where nobody can write to the directory of the code.
        "PYTHONDONTWRITEBYTECODE": "1",
        "S3PYPI_LOCKS_TABLE": "locks",
    }
    with running_runtime(zip_path, handler, environment=environment, timeout=60) as runtime:
        runtime.invoke(_NOTHING)
        return runtime.init_milliseconds / 1000
