"""The snippets in docs/clients.md are valid, and work with an index that stands for PyPI."""

import json
import netrc
import re
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from s3pypi.cli import main
from scripts.local.stack import LocalStack
from tests.e2e.clients import POETRY
from tests.e2e.conftest import Index, isolated, new_index, run
from tests.factories import wheel

PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
URL = "https://pypi.example.com/"
MARKED = [
    (name, language, dedent(text))
    for name, language, text in re.findall(
        r"<!-- test: (\S+) -->\n *```(\w+)\n(.*?) *```", PAGE.read_text(), re.DOTALL
    )
]
SNIPPETS: dict[str, str] = {name: text for name, _, text in MARKED}

HEAD = """\
[project]
name = "app"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["your-project"]

[tool.poetry]
package-mode = false

"""
PRINTED = {
    "pip.conf": ["pip"],
    "uv": ["uv", "--package", "your-project"],
    "uv-default": ["uv", "--with-upstream"],
    "poetry": ["poetry", "--package", "your-project"],
    "poetry-default": ["poetry", "--with-upstream"],
    "pdm": ["pdm", "--package", "your-project"],
    "pdm-default": ["pdm", "--with-upstream"],
    "dependabot": ["dependabot", "--with-basic-auth"],
    "renovate": ["renovate", "--package", "your-project", "--with-basic-auth"],
}
"""What `s3pypi config` prints of the snippets; the others are about passwords and CI."""

OURS, THEIRS, PUBLIC = wheel("your-project"), wheel("your-project", "99.0"), wheel("public")


@pytest.mark.parametrize(("language", "text"), [each[1:] for each in MARKED], ids=SNIPPETS)
def test_snippets_are_valid(language: str, text: str, tmp_path: Path) -> None:
    """Each snippet is valid in its language."""
    if language == "toml":
        assert tomllib.loads(text)
    elif language == "json":
        assert json.loads(text)
    elif language == "yaml":
        assert yaml.safe_load(text)
    elif language == "ini":
        parser = ConfigParser()
        parser.read_string(text)
        assert parser.sections()
    else:
        file = tmp_path / "netrc"
        file.write_text(text)
        file.chmod(0o600)
        assert netrc.netrc(file).authenticators("pypi.example.com")


def test_every_snippet_has_a_name() -> None:
    """No snippet is missing from these tests."""
    fences = re.findall(r"^ *```(\w+)$", PAGE.read_text(), re.MULTILINE)
    assert len(MARKED) == len([each for each in fences if each != "console"]) >= 8


@pytest.mark.parametrize("name", PRINTED)
def test_the_command_prints_the_snippets(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`s3pypi config` prints the same texts as the page."""
    assert main(["config", *PRINTED[name], "--url", URL]) == 0
    assert capsys.readouterr().out == SNIPPETS[name]


def test_what_the_command_does_not_print() -> None:
    """Every other snippet is a known text."""
    assert SNIPPETS.keys() - PRINTED.keys() == {
        *("netrc", "uv-keyring"),
        *("actions", "actions-aws"),
    }


@pytest.fixture(scope="module")
def indexes(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, Index]:
    """Provide our index, and a public one that contains our name."""
    ours, public = (new_index(stack, tmp_path_factory.mktemp("docs")) for _ in range(2))
    ours.put("your-project/", OURS)
    public.put("your-project/", THEIRS)
    public.put("public/", PUBLIC)
    ours.until(ours.projects, ["your-project"])
    public.until(public.projects, ["public", "your-project"])
    return ours, public


def snippet(name: str, index: Index) -> str:
    """A snippet with the address of an index that is there."""
    text = SNIPPETS[name]
    assert URL in text
    return text.replace(URL, index.url)


def project(directory: Path, text: str) -> Path:
    """A project that also depends on something public."""
    (directory / "pyproject.toml").write_text(
        HEAD.replace('["your-project"]', '["your-project", "public"]') + text
    )
    return directory


def locked(path: Path) -> dict[str, str]:
    """The versions in a lock file."""
    packages: list[dict[str, Any]] = tomllib.loads(path.read_text())["package"]
    return {each["name"]: each["version"] for each in packages if each["name"] != "app"}


def pip(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pip, which must succeed, with this configuration and none of the machine's."""
    command = [sys.executable, "-m", "pip", "install", "--no-cache-dir", "--no-input", "--target"]
    return run(
        [*command, str(home / "site"), *arguments], isolated(home) | environment | {"LANG": "C"}
    )


def test_pip_takes_ours(indexes: tuple[Index, Index], tmp_path: Path) -> None:
    """Pip installs our package with the page's configuration."""
    config = tmp_path / "pip.conf"
    config.write_text(snippet("pip.conf", indexes[0]))
    pip(tmp_path, "your-project", PIP_CONFIG_FILE=str(config))
    assert (tmp_path / "site" / "your_project-1.0.dist-info").exists()


def test_an_extra_index_url_takes_theirs(indexes: tuple[Index, Index], tmp_path: Path) -> None:
    """With an extra index URL, pip installs the other package, in either order."""
    ours, public = indexes
    for first, second in ((ours, public), (public, ours)):
        done = pip(
            tmp_path,
            *("--upgrade", "your-project"),
            *("--index-url", first.url, "--extra-index-url", second.url),
        )
        assert "Successfully installed your-project-99.0" in done.stdout


def uv(home: Path, directory: Path, *arguments: str, **environment: str) -> None:
    """Run uv on a project, with its own configuration and none of the machine's."""
    settings = isolated(home) | {"XDG_CONFIG_DIRS": str(home)} | environment
    del settings["UV_NO_CONFIG"]
    command = [sys.executable, "-m", "uv", "--no-cache", "--directory", str(directory)]
    run([*command, *arguments, "--python", sys.executable], settings)


def test_uv_takes_ours_from_us_and_the_rest_elsewhere(
    indexes: tuple[Index, Index], tmp_path: Path
) -> None:
    """Uv locks and pip installs from both indexes."""
    ours, public = indexes
    directory = project(tmp_path, snippet("uv", ours))
    uv(tmp_path, directory, "lock", UV_DEFAULT_INDEX=public.url)
    assert locked(directory / "uv.lock") == {"your-project": "1.0", "public": "1.0"}
    export = ["export", "--format", "requirements-txt", "--output-file", "requirements.txt"]
    uv(tmp_path, directory, *export, "--no-emit-project", UV_DEFAULT_INDEX=public.url)
    requirements = ("--require-hashes", "--requirement", str(directory / "requirements.txt"))
    addresses = ("--index-url", public.url, "--extra-index-url", ours.url)
    pip(tmp_path, *requirements, *addresses)
    assert (tmp_path / "site" / "your_project-1.0.dist-info").exists()


def test_uv_has_one_default_index(indexes: tuple[Index, Index], tmp_path: Path) -> None:
    """Uv does not request the public index."""
    (tmp_path / "pyproject.toml").write_text(HEAD + snippet("uv-default", indexes[0]))
    uv(tmp_path, tmp_path, "lock")
    assert locked(tmp_path / "uv.lock") == {"your-project": "1.0"}


def test_poetry_takes_ours_from_us_and_the_rest_elsewhere(
    indexes: tuple[Index, Index], tmp_path: Path
) -> None:
    """Poetry only requests our packages from us."""
    ours, public = indexes
    play = f'\n[[tool.poetry.source]]\nname = "public"\nurl = "{public.url}"\n'
    directory = project(tmp_path, snippet("poetry", ours) + play)
    assert POETRY.exists(), "poetry is not in .venv-clients: run the tests with `make test`"
    environment = isolated(tmp_path) | {
        "POETRY_CACHE_DIR": str(tmp_path / "cache"),
        "POETRY_CONFIG_DIR": str(tmp_path / "config"),
        "POETRY_KEYRING_ENABLED": "false",
    }
    run([str(POETRY), "--no-interaction", "-C", str(directory), "lock"], environment)
    assert locked(directory / "poetry.lock") == {"your-project": "1.0", "public": "1.0"}
