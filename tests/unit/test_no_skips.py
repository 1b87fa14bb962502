"""On CI, skipped tests are failures."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IN_A_TEST = "import pytest\ndef test(): pytest.skip('no node')"
BY_A_MARK = "import pytest\n@pytest.mark.skip(reason='no node')\ndef test(): pass"
IN_A_FIXTURE = (
    "import pytest\n@pytest.fixture\ndef node(): pytest.skip('no node')\ndef test(node): pass"
)
AS_A_WHOLE = "import pytest\npytest.skip('no node', allow_module_level=True)"
EXPECTED = "import pytest\n@pytest.mark.xfail\ndef test(): assert False"


def run(directory: Path, code: str, ci: str) -> tuple[int, str]:
    """Run pytest for a module, and return its exit code and output."""
    (directory / "test_module.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_skips", "-p", "no:cacheprovider"]
    done = subprocess.run(  # noqa: S603 - our own code
        [*command, "-c", os.devnull, "--rootdir", str(directory), str(directory)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("code", [IN_A_TEST, BY_A_MARK, IN_A_FIXTURE, AS_A_WHOLE])
def test_a_skip_fails_on_ci(tmp_path: Path, code: str) -> None:
    """The reason of the skip is shown."""
    status, said = run(tmp_path, code, "true")
    assert status in {1, 2}
    assert "CI does not allow skips" in said
    assert "no node" in said


def test_elsewhere_a_skip_is_a_skip(tmp_path: Path) -> None:
    """Elsewhere, skips are allowed, for example without node."""
    status, said = run(tmp_path, IN_A_TEST, "")
    assert status == 0
    assert "1 skipped" in said


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    """Expected failures are not treated as skips."""
    assert run(tmp_path, EXPECTED, "true")[0] == 0
