"""The installers, the projects that they install, and an index as they see it."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from scripts.local.edge.origin import Content, Origin
from scripts.local.edge.server import Edge, Request
from tests.e2e.conftest import Index, isolated, run
from tests.factories import Distribution, sdist, wheel

POETRY = Path(__file__).parents[2] / ".venv-clients" / "bin" / "poetry"
REASON = "Broken: see <1.1> & 'later', naïve"

LIB = {
    "1.0": wheel("lib", "1.0", "Requires-Python: >=3.8,<4"),
    "1.1": wheel("lib", "1.1", "Requires-Python: >=3.8,<4"),
    "2.0": wheel("lib", "2.0"),  # yanked
    "3.0": wheel("lib", "3.0", "Requires-Python: >=99"),
}
BEST = LIB["1.1"]
APP = wheel("app", "1.0", "Requires-Dist: lib>=1.0", "Requires-Dist: plus==1.0+local.1")
OTHERS = [
    wheel("plus", "1.0+local.1", "Requires-Dist: Dotted.Name", "Requires-Dist: epoch==1!2.0"),
    wheel("Dotted.Name", "1.0"),
    wheel("epoch", "1!2.0"),
]
SOURCE = sdist("source", "1.0")
LEGACY = sdist("legacy-beta", "1.0b0", extension=".zip", filename="legacy-beta-1.0-beta.zip")
GONE = {"1.0": wheel("gone", "1.0"), "2.0": wheel("gone", "2.0")}  # both yanked
OLD, NEW = wheel("timed", "1.0"), wheel("timed", "2.0")
PROJECTS = {
    "app": [APP],
    "lib": [*LIB.values()],
    "plus": [OTHERS[0]],
    "dotted-name": [OTHERS[1]],
    "epoch": [OTHERS[2]],
    "source": [SOURCE],
    "legacy-beta": [LEGACY],
    "gone": [*GONE.values()],
    "timed": [OLD],
}
TREE = {"app": "1.0", "lib": "1.1", "plus": "1.0+local.1", "dotted-name": "1.0", "epoch": "1!2.0"}
"""What every resolver must choose for `app`."""


class WithoutJson(Origin):
    """The bucket without its JSON pages."""

    def head(self, key: str) -> Any:
        """Look at the HTML page instead of the JSON page."""
        return super().head(key.removesuffix("index.json"))

    @contextmanager
    def get(self, key: str, part: tuple[int, int, str] | None = None) -> Iterator[Content]:
        """Read the HTML page instead of the JSON page."""
        with super().get(key.removesuffix("index.json"), part) as content:
            yield content


@dataclass(frozen=True)
class Site:
    """An index as a client reaches it.

    Attributes:
        edge: the server, which records its requests.
        prefix: of the index.
        form: of the pages, `json` or `html`.
    """

    edge: Edge
    prefix: str
    form: str

    @property
    def url(self) -> str:
        """For --index-url."""
        return f"{self.edge.url}/{self.prefix}/"

    def asked(self, work: Callable[[], object]) -> list[Request]:
        """Return the requests to this index that a function causes."""
        requests = self.edge.requests
        assert requests is not None
        before = len(requests)
        work()
        return [one for one in requests[before:] if one.path.startswith(f"/{self.prefix}/")]


@dataclass(frozen=True)
class Clients:
    """The installers, none of which sees this machine's configuration.

    Attributes:
        home: a directory of the test.
    """

    home: Path

    @property
    def target(self) -> Path:
        """The directory for installations."""
        return self.home / "site"

    def pip(self, verb: str, site: Site, *arguments: str) -> str:
        """Run pip, and return its standard output."""
        return run(self._pip(verb, site, *arguments), isolated(self.home)).stdout

    def pip_fails(self, verb: str, site: Site, *arguments: str) -> str:
        """Run pip, which must fail, and return its output."""
        return fails(self._pip(verb, site, *arguments), isolated(self.home))

    def pip_resolves(self, site: Site, *arguments: str) -> dict[str, str]:
        """Return the packages that pip would install."""
        report = json.loads(
            self.pip("install", site, "--quiet", "--dry-run", "--report", "-", *arguments)
        )
        found = [one["metadata"] for one in report["install"]]
        return {one["name"].lower().replace(".", "-"): one["version"] for one in found}

    def uv(self, verb: str, site: Site, *arguments: str) -> str:
        """Run a subcommand of `uv pip`, and return both of its outputs."""
        done = run(self._uv(verb, site.url, *arguments), isolated(self.home))
        return done.stdout + done.stderr

    def uv_fails(self, verb: str, site: Site, *arguments: str) -> str:
        """Run a subcommand of `uv pip`, which must fail, and return its output."""
        return fails(self._uv(verb, site.url, *arguments), isolated(self.home))

    def uv_resolves(self, site: Site, *requirements: str, options: tuple[str, ...] = ()) -> str:
        """Return the requirements file that uv compiles."""
        file = self.home / "requirements.in"
        file.write_text("\n".join(requirements))
        arguments = ["--quiet", "--no-header", "--no-annotate", *options, str(file)]
        return self.uv("compile", site, *arguments)

    def uv_project(self, project: Path, *arguments: str) -> None:
        """Run uv in a project, with the project's configuration."""
        environment = isolated(self.home) | {"XDG_CONFIG_DIRS": str(self.home)}
        del environment["UV_NO_CONFIG"]
        command = [sys.executable, "-m", "uv", "--no-cache", "--directory", str(project)]
        run([*command, *arguments, "--python", sys.executable], environment)

    def poetry(self, project: Path, *arguments: str) -> None:
        """Run poetry on a project."""
        assert POETRY.exists(), "poetry is not in .venv-clients: run the tests with `make test`"
        environment = isolated(self.home) | {
            "POETRY_CACHE_DIR": str(self.home / "poetry-cache"),
            "POETRY_CONFIG_DIR": str(self.home / "poetry-config"),
            "POETRY_KEYRING_ENABLED": "false",
            "POETRY_VIRTUALENVS_IN_PROJECT": "true",
        }
        run([str(POETRY), "--no-interaction", "-C", str(project), *arguments], environment)

    def installed(self) -> dict[str, str]:
        """Return the distributions in the target directory."""
        return distributions_in(self.target)

    def _pip(self, verb: str, site: Site, *arguments: str) -> list[str]:
        command = [sys.executable, "-m", "pip", "--isolated", "--no-input", *verb.split()]
        options = ["--no-cache-dir", "--disable-pip-version-check", "--index-url", site.url]
        return [*command, *options, *arguments]

    def _uv(self, verb: str, url: str, *arguments: str) -> list[str]:
        command = [sys.executable, "-m", "uv", "--no-cache", "pip", verb]
        return [*command, "--python", sys.executable, "--default-index", url, *arguments]


def fails(command: list[str], environment: dict[str, str]) -> str:
    """Run a command that must fail, and return its output."""
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, env=environment, timeout=300
    )
    assert done.returncode != 0, f"{command}\n{done.stdout}"
    return done.stdout + done.stderr


def distributions_in(directory: Path) -> dict[str, str]:
    """Return the names and versions of the distributions in a directory."""
    found = [path.name.removesuffix(".dist-info") for path in directory.glob("*.dist-info")]
    parts = [one.partition("-") for one in found]
    return {name.lower().replace("_", "-").replace(".", "-"): version for name, _, version in parts}


def upload_time(index: Index, distribution: Distribution) -> datetime:
    """Return the upload time of a file on its page."""
    name = distribution.filename.partition("-")[0]
    times = {file["filename"]: file["upload-time"] for file in index.page(name)["files"]}
    return datetime.fromisoformat(times[distribution.filename])


def sha256(distribution: Distribution) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(distribution.content).hexdigest()


def z(time: datetime) -> str:
    """Return a time as clients expect it on their command lines."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def paths(requests: list[Request]) -> list[str]:
    """Return the paths that were served, without the prefix."""
    return [one.path.split("/", 2)[2] for one in requests if one.status < 400]


def check_resolution(requests: list[Request]) -> None:
    """Check that a resolver requested each page and metadata file once, and no file."""
    asked = paths(requests)
    names = [APP, BEST, *OTHERS]
    for distribution in names:
        quoted = quote(distribution.filename, safe="")
        assert f"{quoted}.metadata" in {path.partition("/")[2] for path in asked}
    assert not [path for path in asked if path.endswith((".whl", ".tar.gz", ".zip"))]
    assert sorted(path for path in asked if path.endswith("/")) == sorted(
        f"{name}/" for name in TREE
    )


def requirements(home: Path, *lines: str) -> str:
    """Write a requirements file."""
    file = home / "requirements.txt"
    file.write_text("\n".join(lines) + "\n")
    return str(file)


def project_of(home: Path, rest: str) -> Path:
    """Create a project's directory with a pyproject.toml."""
    directory = home / "project"
    directory.mkdir()
    minor = sys.version_info.minor
    (directory / "pyproject.toml").write_text(
        f'[project]\nname = "project"\nversion = "0"\nrequires-python = ">=3.{minor},<4"\n{rest}'
    )
    return directory


def site_packages(environment: Path) -> Path:
    """Return the directory of the packages in a virtual environment."""
    [directory] = (environment / "lib").glob("python3.*/site-packages")
    return directory
