import json
import subprocess
import sys
import zipfile
from pathlib import Path

import boto3
import pytest

from scripts.build.indexer_zip import PLATFORMS, SERVICES, build

# boto3, and what it needs beside what the function needs anyhow.
SDK = (
    "boto3",
    "botocore",
    "jmespath",
    "s3transfer",
    "dateutil",
    "python_dateutil",
    "six",
    "urllib3",
)


def test_two_builds_are_the_same(function_zip: Path, tmp_path: Path) -> None:
    """The build is reproducible."""
    assert build(tmp_path / "again.zip").read_bytes() == function_zip.read_bytes()


def test_the_zip_is_small(function_zip: Path) -> None:
    """A cold start downloads and unpacks little, without counting the bytecode."""
    with zipfile.ZipFile(function_zip) as archive:
        sources = [file for file in archive.infolist() if not file.filename.endswith(".pyc")]
    sdk = [file for file in sources if file.filename.startswith(SDK)]
    size = sum(file.compress_size for file in sources)
    of_sdk = sum(file.compress_size for file in sdk)
    assert size - of_sdk < 1_500_000
    assert of_sdk < 1_500_000


@pytest.mark.parametrize("platform", PLATFORMS)
def test_compiled_modules_are_for_the_platform(
    function_zip: Path, tmp_path: Path, platform: str
) -> None:
    """Compiled modules are for the chosen platform and Python."""
    machine = platform.partition("_")[2]
    default = platform == PLATFORMS[0]
    path = function_zip if default else build(tmp_path / "out.zip", platform, "3.13")
    with zipfile.ZipFile(path) as archive:
        compiled = [name for name in archive.namelist() if name.endswith(".so")]

    assert compiled
    assert all(f"cpython-313-{machine}-" in name for name in compiled)


def test_nothing_is_missing(function_zip: Path, tmp_path: Path) -> None:
    """The handler can be imported, and all clients created, with the zip alone."""
    task = tmp_path / "task"
    with zipfile.ZipFile(function_zip) as archive:
        archive.extractall(task)
    code = (
        f"import sys; sys.path.insert(0, {str(task)!r});"
        "from lambda_indexer.handler import handler;"
        f"import boto3; made = [boto3.client(name) for name in {SERVICES!r}];"
        "print(handler.__module__, len(made), boto3.__file__)"
    )

    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-I", "-S", "-W", "error", "-c", code],
        env={
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_LAMBDA_FUNCTION_NAME": "indexer",
            "S3PYPI_LOCKS_TABLE": "locks",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    started, said = done.stdout.splitlines()
    assert said == f"lambda_indexer.handler 4 {task}/boto3/__init__.py"
    assert json.loads(started)["boto3"] == boto3.__version__
