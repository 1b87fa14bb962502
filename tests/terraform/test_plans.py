"""Check the configurations without AWS."""

import subprocess
from pathlib import Path

import pytest

from .runner import ROOT, SOURCE, copy_of_the_source, initialized, plugins

CHECKOV = ROOT / ".venv-scanner" / "bin" / "checkov"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the configurations."""
    return copy_of_the_source(tmp_path_factory.mktemp("plans"))


def test_the_format_is_terraforms() -> None:
    """`terraform fmt` changes nothing."""
    plugins()
    done = subprocess.run(  # noqa: S603
        ["terraform", "fmt", "-check", "-recursive", "-diff", str(SOURCE)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_options(source: Path, provider: Path) -> None:
    """All plan tests of the module pass."""
    module = source / "modules" / "s3pypi"
    files = (module / "tests").glob("*.tftest.hcl")
    runs = sum(line.startswith('run "') for file in files for line in file.read_text().split("\n"))
    assert runs > 30
    with initialized(module, provider) as terraform:
        said = terraform.run("test")
    assert f"Success! {runs} passed, 0 failed." in said


def test_the_scanner_finds_nothing() -> None:
    """All findings have an exception with a reason."""
    assert CHECKOV.exists(), "checkov is not in .venv-scanner: run the tests with `make test`"
    done = subprocess.run(  # noqa: S603
        [
            *(str(CHECKOV), "--directory", str(SOURCE), "--framework", "terraform"),
            *("--skip-download", "--compact", "--quiet"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "Failed checks: 0" in done.stdout
