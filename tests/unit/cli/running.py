"""Run the command in this process or another one."""

import subprocess
import sys
from pathlib import Path

import pytest

from s3pypi.aws import clients
from s3pypi.cli import main

WHEEL_KEY = "team/demo/demo-1.0-py3-none-any.whl"


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, list[str], str]:
    """Run a command; return its exit code, lines of output, and standard error."""
    code = main([str(each) for each in argv])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, sorted(captured.out.splitlines()), captured.err


def python(
    *argv: str,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    environ: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run Python in another process, with only the command's package on the path."""
    return subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, *argv],
        env={"PYTHONPATH": str(Path(clients.__file__).parents[2]), **(environ or {})},
        stdout=stdout,
        stderr=stderr,
        text=True,
        check=False,
    )


UPLOAD = ("upload", "-b", "bucket", "--prefix", "team")
