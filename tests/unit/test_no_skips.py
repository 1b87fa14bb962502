"""On CI, skipped tests are failures."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = {
    "in_a_test": "import pytest\ndef test(): pytest.skip('no node')",
    "by_a_mark": "import pytest\n@pytest.mark.skip(reason='no node')\ndef test(): pass",
    "in_a_fixture": "import pytest\n@pytest.fixture\ndef node(): pytest.skip('no node')\n"
    "def test(node): pass",
    "as_a_whole": "import pytest\npytest.skip('no node', allow_module_level=True)",
    "expected": "import pytest\n@pytest.mark.xfail\ndef test(): assert False",
}


def run(directory: Path, ci: str) -> tuple[int, str]:
    """Run pytest for all of the modules, and return its exit code and output."""
    for name, code in MODULES.items():
        (directory / f"test_{name}.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_skips", "-p", "no:cacheprovider"]
    done = subprocess.run(  # noqa: S603 - our own code
        [
            *(*command, "--continue-on-collection-errors", "-rA", "-c", os.devnull),
            *("--rootdir", str(directory), str(directory)),
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_skip_fails_on_ci(tmp_path: Path) -> None:
    """The reason of each skip is shown, and expected failures are not treated as skips."""
    status, said = run(tmp_path, "true")
    assert status == pytest.ExitCode.TESTS_FAILED
    for name in MODULES.keys() - {"expected"}:
        assert re.search(f"test_{name}.*CI does not allow skips.*no node", said), name
    assert "1 failed, 1 xfailed, 3 errors" in said


def test_elsewhere_a_skip_is_a_skip(tmp_path: Path) -> None:
    """Elsewhere, skips are allowed, for example without node."""
    status, said = run(tmp_path, "")
    assert status == pytest.ExitCode.OK
    assert "4 skipped, 1 xfailed" in said
