"""The table in docs/compatibility.md matches the installed versions."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.e2e.conftest import isolated, run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "compatibility.md").read_text()
POETRY = ROOT / ".venv-clients" / "bin" / "poetry"
ROWS = re.findall(r"^\| ([a-z0-9-]+) \| ([0-9.]+) \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("name", "stated"), ROWS)
def test_the_stated_version_is_installed(name: str, stated: str, tmp_path: Path) -> None:
    """The stated version is the installed one."""
    if name == "poetry":
        said = run([str(POETRY), "--version"], isolated(tmp_path)).stdout
        assert said == f"Poetry (version {stated})\n"
    else:
        assert version(name) == stated


def test_every_judge_and_client_is_in_the_table() -> None:
    """All packages of the `judges` and `clients` groups are in the table."""
    assert {name for name, _ in ROWS} == {
        *("html5lib", "jsonschema", "mousebender", "packaging", "pip", "pkginfo"),
        *("poetry", "pypi-simple", "unearth", "uv"),
    }


def test_the_named_tests_are_there() -> None:
    """Every file and test that the page names exists."""
    files = re.findall(r"`(tests/[\w/.-]+)`", PAGE)
    assert files
    assert [name for name in files if not (ROOT / name).exists()] == []
    source = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    names = re.findall(r"`(test_\w+)`", PAGE)
    assert names
    assert [name for name in names if f"def {name}(" not in source] == []
