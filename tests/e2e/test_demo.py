"""`make demo`, the first contact with the project."""

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_demo() -> None:
    """It prints a line and a time for each step, the URL, a project, and the next commands.

    One step installs a public package and one of ours by one URL, whatever the public index has.
    """
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
    assert steps == [str(number) for number in range(1, 11)]
    assert re.search(r"^ +Index: http://127\.0\.0\.1:\d+/$", done.stdout, re.MULTILINE)
    assert re.search(
        r"^ +demo-public 1\.0 from http://localhost:\d+/public/, [\w-]+ \d[^ ]+ from this index$",
        done.stdout,
        re.MULTILINE,
    )
    project = json.loads(done.stdout[done.stdout.index("\n{") : done.stdout.index("\n}") + 2])
    assert project["versions"]
    assert all(file["size"] for file in project["files"])
    assert "make local" in done.stdout.splitlines()[-2]
    assert "S3PYPI_INDEX_URL" in done.stdout.splitlines()[-1]


def test_the_next_step(tmp_path: Path, function_zip: Path) -> None:
    """`make local` serves an index with packages, for a browser.

    The demonstration shows that it builds the zip itself.
    """
    make = [shutil.which("make") or "make", "--no-print-directory", "-n", "local", "ARGS="]
    done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.splitlines()[-1].endswith("-m scripts.local_stack --samples")

    command = [sys.executable, "scripts/local_stack.py", "--samples", "--prefix", "simple"]
    with subprocess.Popen(  # noqa: S603 - our own script
        [*command, "--env-file", str(tmp_path / "env"), "--zip", str(function_zip)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            assert process.stderr.readline().startswith("Ready. Open S3PYPI_INDEX_URL")
            lines = (tmp_path / "env").read_text().splitlines()
            url = dict(line.split("=", 1) for line in lines)["S3PYPI_INDEX_URL"]
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(url, timeout=10) as response:
                page = response.read().decode()
        finally:
            process.terminate()
            process.communicate(timeout=30)
    assert url.endswith("/simple/")
    names = re.findall(r">(demo-\w+)</a>", page)
    assert names == ["demo-eggs", "demo-ham", "demo-spam"]
