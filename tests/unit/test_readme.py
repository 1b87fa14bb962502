"""The commands of the README and of the pages beside it are commands that exist."""

import re
import shlex
from pathlib import Path

import pytest

from lambda_indexer.settings import Settings
from s3pypi.arguments import parse

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
OPERATE = (ROOT / "docs" / "operate.md").read_text()
PAGES = [README, *(page.read_text() for page in sorted((ROOT / "docs").glob("*.md")))]
COMMANDS = re.findall(r"^ *\$ (.+)$", "\n".join(PAGES), re.MULTILINE)


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


@pytest.mark.parametrize("command", [c for c in COMMANDS if "scripts" in c])
def test_scripts_exist(command: str) -> None:
    """Each is a file, or a module of this repository."""
    words = shlex.split(command)
    path = words[words.index("-m") + 1].replace(".", "/") + ".py" if "-m" in words else words[0]
    assert (ROOT / path).is_file()


def test_terraform_addresses_exist() -> None:
    """Each is a resource of the module, or was one and is known to have moved."""
    module = ROOT / "terraform" / "modules" / "s3pypi"
    source = "\n".join(file.read_text() for file in module.glob("*.tf"))
    addresses = re.findall(r"module\.s3pypi\.(aws_\w+)\.(\w+)", "\n".join(PAGES))
    assert ("aws_s3_bucket", "pypi") in addresses
    for kind, name in addresses:
        moved = re.search(rf"from = {kind}\.{name}\b", source)
        assert moved or f'resource "{kind}" "{name}"' in source


def test_settings_are_documented() -> None:
    """Each setting of the function is told under the name of its variable."""
    for name in Settings.__dataclass_fields__:
        assert f"`S3PYPI_{name.upper()}`" in OPERATE


def test_metrics_are_documented() -> None:
    """Each metric that the function writes is told."""
    source = (ROOT / "lambda_indexer/reporting.py").read_text()
    names = re.findall(r'(?:_count|add_metric)\(\s*"(\w+)"', source)
    assert len(names) >= 10
    for name in names:
        assert f"`{name}`" in OPERATE


def test_links_lead_somewhere() -> None:
    """Each relative link of a page is a file of this repository."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ]
    assert len(links) > 20
    for page, link in links:
        assert (page.parent / link).exists(), (page, link)
