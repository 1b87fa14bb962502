"""The README's commands are commands that exist."""

import re
import shlex
from pathlib import Path

import pytest

from lambda_indexer.settings import Settings
from s3pypi.arguments import parse

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"^\$ (.+)$", README, re.MULTILINE)


def test_there_are_commands() -> None:
    """The tests below look at something."""
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("s3pypi ")])
def test_s3pypi_commands_parse(command: str) -> None:
    """Each is understood by the command's own parser."""
    arguments = shlex.split(command)[1:]
    assert parse(arguments, {}).command == arguments[0]


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_make_verbs_exist(command: str) -> None:
    """Each is a target of the Makefile."""
    verb = command.split()[1]
    assert re.search(rf"^{verb}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_settings_are_documented() -> None:
    """Each setting of the function is in the README under the name of its variable."""
    for name in Settings.__dataclass_fields__:
        assert f"`S3PYPI_{name.upper()}`" in README


def test_metrics_are_documented() -> None:
    """Each metric that the function writes is in the README."""
    source = (ROOT / "lambda_indexer/reporting.py").read_text()
    names = re.findall(r'(?:_count|add_metric)\(\s*"(\w+)"', source)
    assert len(names) >= 10
    for name in names:
        assert f"`{name}`" in README
