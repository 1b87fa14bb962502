"""`scripts/local_stack.py` starts as a file and as a module."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
SCRIPT = ROOT / "scripts" / "local_stack.py"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(  # noqa: S603 - our own script
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_as_a_file(tmp_path: Path) -> None:
    """It finds its modules from any working directory."""
    done = run(str(SCRIPT), "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "--edge-port" in done.stdout


def test_as_a_module() -> None:
    """It runs with `-m` from the root of the repository."""
    done = run("-m", "scripts.local_stack", "--help", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "--edge-port" in done.stdout


@pytest.mark.parametrize("arguments", [(str(SCRIPT),), ("-m", "scripts.local_stack")])
def test_without_what_it_needs(arguments: tuple[str, ...]) -> None:
    """Without the dependencies, the message names the command to run instead."""
    done = run("-S", *arguments, "--help", cwd=ROOT)
    assert done.returncode == 1
    assert "make local" in done.stderr
    assert "Traceback" not in done.stderr
