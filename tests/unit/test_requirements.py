"""The pinned requirements match pyproject.toml."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
# Which files also pin what the command itself needs.
WITH_THE_COMMAND = {"deploy", "dev"}
FILES = sorted(path.stem for path in (ROOT / "requirements").glob("*.txt"))


def wanted(group: str) -> list[Requirement]:
    """Return the direct requirements of a dependency group (PEP 735)."""
    found: list[Requirement] = []
    for each in PYPROJECT["dependency-groups"][group]:
        if isinstance(each, dict):
            found += wanted(each["include-group"])
        else:
            found.append(Requirement(each))
    return found


@pytest.mark.parametrize("name", FILES)
def test_direct_requirements_are_pinned(name: str) -> None:
    """Each requirement is pinned to an allowed version; `make lock` updates them."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    pinned = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE))
    requirements = wanted(name)
    if name in WITH_THE_COMMAND:
        requirements += [Requirement(each) for each in PYPROJECT["project"]["dependencies"]]
    assert requirements
    for each in requirements:
        version = pinned.get(canonicalize_name(each.name))
        assert version, f"{each} is not in requirements/{name}.txt"
        assert each.specifier.contains(version, prereleases=True), each


@pytest.mark.parametrize("name", FILES)
def test_everything_has_hashes(name: str) -> None:
    """Pip's `--require-hashes` accepts the file."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    pins = re.findall(r"^(\S+==.*)\n( +--hash=sha256:)?", text, re.MULTILINE)
    assert pins
    assert [pin for pin, hashed in pins if not hashed] == []


def test_deployers_get_the_versions_that_are_tested() -> None:
    """Deployment and function use the versions of development."""
    pins = {}
    for name in ("indexer", "deploy", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        pins[name] = set(re.findall(r"^[a-z0-9.-]+==[^\s;]+", text, re.MULTILINE))
    assert pins["indexer"] <= pins["deploy"] <= pins["dev"]
