"""`make demo` is the first that a newcomer sees of the project."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_demo() -> None:
    """It prints a line for each step with its time, the URL, a project, and what is next."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) <= 40  # with those of a first `make`, at most 50
    assert "<" not in done.stdout

    steps = re.findall(r"^(\d+)\. [^.].* \.+ +\d+\.\d s$", done.stdout, re.MULTILINE)
    assert steps == [str(number) for number in range(1, 9)]
    assert re.search(r"^ +Index: http://127\.0\.0\.1:\d+/$", done.stdout, re.MULTILINE)
    project = json.loads(done.stdout[done.stdout.index("\n{") : done.stdout.index("\n}") + 2])
    assert project["versions"]
    assert all(file["size"] for file in project["files"])
    assert "make local" in done.stdout.splitlines()[-2]
    assert "S3PYPI_INDEX_URL" in done.stdout.splitlines()[-1]
