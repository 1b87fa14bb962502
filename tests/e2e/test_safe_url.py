"""One index URL: our projects only come from us, everything else from the upstream.

The upstream is another edge of the same bucket, under another host name, where somebody has
published all of our names in higher versions. Every client gets our URL and no other.
"""

import itertools
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from basic_auth.parameters import ParameterStore
from basic_auth.upstream import Upstream
from basic_auth.users import put_user
from scripts.local.clients import Clients
from scripts.local.edge.origin import Origin
from scripts.local.edge.origin_function import OriginFunction
from scripts.local.edge.run import running_edge
from scripts.local.edge.server import Edge, Request
from scripts.local.edge.viewer_function import DOMAIN, ViewerFunction
from scripts.local.ports import usable_port
from scripts.local.proxy.aws_calls import Call
from scripts.local.proxy.fates import Fate, How
from scripts.local.proxy.server import running_proxy
from scripts.local.resources import Settings
from scripts.local.stack import LocalStack
from tests.e2e.conftest import SECONDS, Index, isolated, run
from tests.factories import wheel

BIN = Path(__file__).parents[2] / ".venv-clients" / "bin"

OURS = [
    wheel("app", "1.0", "Requires-Dist: lib", "Requires-Dist: Pub"),
    wheel("lib", "1.0"),
    wheel("acme-app", "1.0"),
]
GONE = wheel("gone", "1.0")
THEIRS = [
    *(wheel(name, "99.0") for name in ("app", "lib", "acme-app", "acme-new", "gone")),
    wheel("pub", "2.0", "Requires-Dist: lib"),
    wheel("pub", "3.0"),  # yanked
]
TREE = {"app": "1.0", "lib": "1.0", "pub": "2.0"}
PRIVATE = ("acme-*",)


@dataclass(frozen=True)
class Deployment:
    """Our index and the one that plays the public index.

    Attributes:
        stack: where both are; its edge serves the upstream.
        ours: our index at the bucket's root.
        upstream: the public index.
        settings: of the redirect.
    """

    stack: LocalStack
    ours: Index
    upstream: Index
    settings: Upstream

    def asked(self) -> list[Request]:
        """Return the requests that the upstream has received."""
        assert self.stack.edge.requests is not None
        return self.stack.edge.requests

    @contextmanager
    def edge(self, clients: Clients | None = None, login: str = "") -> Iterator[Edge]:
        """Provide our edge, with its own connection to S3, and optionally a user."""
        viewer = None
        if login:
            store = ParameterStore(self.stack.clients.ssm, DOMAIN)
            put_user(store, *login.split(":"), overwrite=True)
            viewer = ViewerFunction(store)
        origin = Origin((clients or self.stack.clients).s3, self.stack.resources.bucket)
        with running_edge(origin, 0, viewer, OriginFunction(self.settings)) as edge:
            yield edge


@pytest.fixture(scope="module")
def deployment(
    function_zip: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Provide both indexes; one project of ours has lost its only file."""
    port = usable_port(0, "--edge-port")
    settings = Upstream(f"http://localhost:{port}/public/", PRIVATE, frozenset({"team", "public"}))
    keep = Settings(environment={"S3PYPI_UPSTREAM": settings.url})
    with LocalStack(keep, zip_path=function_zip, edge_port=port, record=True) as stack:
        directory = tmp_path_factory.mktemp("safe-url")
        ours, team, upstream = (Index(stack, each, directory) for each in ("", "team", "public"))
        for index in (ours, team):
            for each in (*OURS, GONE):
                index.put(f"{each.filename.partition('-')[0].replace('_', '-')}/", each)
        upstream.put_object("pub/pub-3.0-py3-none-any.whl.yanked", b"broken")
        for each in THEIRS:
            upstream.put(f"{each.filename.partition('-')[0].replace('_', '-')}/", each)
        names = ["acme-app", "app", "gone", "lib"]
        for index in (ours, team):
            index.until(index.projects, names)
            index.until(lambda index=index: index.files("gone"), [GONE.filename])  # type: ignore[misc]
            index.remove(f"gone/{GONE.filename}")
            index.until(lambda index=index: index.page("gone").get("files"), [])  # type: ignore[misc]
            assert index.projects() == names
        upstream.until(upstream.projects, sorted([*names, "acme-new", "pub"]))
        upstream.until(lambda: len(upstream.files("pub")), 2)
        assert stack.resources.wait_until_idle(SECONDS)
        yield Deployment(stack, ours, upstream, settings)


@pytest.fixture(scope="module")
def edge(deployment: Deployment) -> Iterator[Edge]:
    """Provide our edge."""
    with deployment.edge() as edge:
        yield edge


Resolve = Callable[[str, Path, str], "dict[str, str] | None"]
"""Resolves a requirement with one index URL, in a directory; None if the client refuses."""


def attempt(command: list[str], environment: dict[str, str]) -> str | None:
    """Run a client; return its output, or None if it fails."""
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, env=environment, timeout=300
    )
    return done.stdout if done.returncode == 0 else None


def pip(url: str, home: Path, requirement: str) -> dict[str, str] | None:
    """Resolve with pip."""
    command = [sys.executable, "-m", "pip", "--isolated", "--no-input", "install", "--quiet"]
    options = ["--no-cache-dir", "--disable-pip-version-check", "--retries", "0"]
    report = ["--dry-run", "--ignore-installed", "--report", "-", "--index-url", url, requirement]
    output = attempt([*command, *options, *report], isolated(home))
    if output is None:
        return None
    found = [one["metadata"] for one in json.loads(output)["install"]]
    return {one["name"].lower(): one["version"] for one in found}


def uv(url: str, home: Path, requirement: str) -> dict[str, str] | None:
    """Resolve with uv."""
    file = home / "requirements.in"
    file.write_text(requirement)
    command = [sys.executable, "-m", "uv", "--no-cache", "pip", "compile", "--quiet"]
    options = ["--no-header", "--no-annotate", "--python", sys.executable, "--default-index", url]
    environment = isolated(home) | {"UV_HTTP_RETRIES": "0"}
    output = attempt([*command, *options, str(file)], environment)
    if output is None:
        return None
    pinned = [line.partition("==") for line in output.splitlines() if "==" in line]
    return {name: version for name, _, version in pinned}


PROJECT = """\
[project]
name = "consumer"
version = "1.0"
requires-python = ">=3.11,<4"
dependencies = ["{requirement}"]

"""


def locked(file: Path) -> dict[str, str]:
    """The versions in a lock file."""
    return {each["name"]: each["version"] for each in tomllib.loads(file.read_text())["package"]}


def poetry(url: str, home: Path, requirement: str) -> dict[str, str] | None:
    """Resolve with poetry."""
    source = f"""\
[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "company"
url = "{url}"
"""
    (home / "pyproject.toml").write_text(PROJECT.format(requirement=requirement) + source)
    environment = isolated(home) | {
        "POETRY_CACHE_DIR": str(home / "poetry-cache"),
        "POETRY_CONFIG_DIR": str(home / "poetry-config"),
        "POETRY_KEYRING_ENABLED": "false",
        "POETRY_REQUESTS_MAX_RETRIES": "0",
    }
    command = [str(BIN / "poetry"), "--no-interaction", "-C", str(home), "lock"]
    return None if attempt(command, environment) is None else locked(home / "poetry.lock")


def pdm(url: str, home: Path, requirement: str) -> dict[str, str] | None:
    """Resolve with pdm."""
    source = f'[[tool.pdm.source]]\nname = "pypi"\nurl = "{url}"\n'
    (home / "pyproject.toml").write_text(PROJECT.format(requirement=requirement) + source)
    environment = isolated(home) | {
        "PDM_CACHE_DIR": str(home / "pdm-cache"),
        "PDM_CHECK_UPDATE": "false",
        "PDM_IGNORE_SAVED_PYTHON": "1",
        "PDM_PYTHON": sys.executable,
        "XDG_CONFIG_HOME": str(home),
    }
    command = [str(BIN / "pdm"), "lock", "--project", str(home)]
    return None if attempt(command, environment) is None else locked(home / "pdm.lock")


CLIENTS = pytest.mark.parametrize("resolve", [pip, uv, poetry, pdm])


def test_the_clients_are_there() -> None:
    """The clients with separate environments are installed."""
    for name in ("poetry", "pdm"):
        assert (BIN / name).exists(), f"{name} is not in .venv-clients: run `make test`"


@CLIENTS
@pytest.mark.parametrize("prefix", ["", "team/"])
def test_both_kinds_resolve_together(
    deployment: Deployment, edge: Edge, resolve: Resolve, prefix: str, tmp_path: Path
) -> None:
    """Our packages come from us, although the upstream has a higher version; others from there.

    The upstream's yanks hold, and what a public package requires of ours is ours.
    """
    before = len(deployment.asked())

    assert resolve(f"{edge.url}/{prefix}", tmp_path, "app") == TREE

    paths = {request.path for request in deployment.asked()[before:]}
    assert {path for path in paths if path.endswith("/")} == {"/public/pub/"}


@CLIENTS
@pytest.mark.parametrize(
    "case",
    [
        ("Acme.App", {"acme-app": "1.0"}),  # another spelling of ours
        ("app==99.0", None),  # a version that only the upstream has
        ("ACME_new", None),  # private, and not uploaded yet
        ("gone", None),  # ours until its last file was deleted
    ],
)
def test_our_names_never_leave(
    deployment: Deployment,
    edge: Edge,
    resolve: Resolve,
    case: tuple[str, dict[str, str] | None],
    tmp_path: Path,
) -> None:
    """The upstream gets no request for them."""
    requirement, expected = case
    before = len(deployment.asked())

    assert resolve(f"{edge.url}/", tmp_path, requirement) == expected

    assert deployment.asked()[before:] == []


@CLIENTS
def test_what_nobody_has_is_missing(edge: Edge, resolve: Resolve, tmp_path: Path) -> None:
    """The upstream's 404 is final."""
    assert resolve(f"{edge.url}/", tmp_path, "nobody-has-this") is None


OUTAGES = {
    "403": Fate(how=How.REFUSE, code="AccessDenied"),
    "500": Fate(how=How.REFUSE, code="InternalError"),
    "throttled": Fate(how=How.REFUSE, code="SlowDown"),
    "no answer": Fate(how=How.CUT),
}


@pytest.mark.parametrize(
    ("resolve", "outage"),
    [
        *itertools.product([pip, uv], OUTAGES),
        *itertools.product([poetry, pdm], ["500", "throttled"]),  # they take seconds to start
    ],
)
def test_an_outage_sends_nobody_elsewhere(
    deployment: Deployment, resolve: Resolve, outage: str, tmp_path: Path
) -> None:
    """While S3 fails, no request goes to the upstream."""

    def decide(call: Call) -> Fate:
        return OUTAGES[outage] if call.service == "s3" else Fate()

    before = len(deployment.asked())
    with ExitStack() as contexts:
        port = int(deployment.stack.emulator.url.rpartition(":")[2])
        proxy = contexts.enter_context(running_proxy(port, decide))
        clients = Clients(proxy.url, attempts=1)  # as CloudFront, which passes a failure on
        contexts.callback(clients.close)
        edge = contexts.enter_context(deployment.edge(clients))
        for requirement in ("lib", "pub") if resolve in {pip, uv} else ("lib",):
            home = tmp_path / requirement
            home.mkdir()
            assert resolve(f"{edge.url}/", home, requirement) is None

    assert deployment.asked()[before:] == []


@CLIENTS
def test_the_password_stays_here(deployment: Deployment, resolve: Resolve, tmp_path: Path) -> None:
    """The upstream gets no credentials, in headers or URLs."""
    before = len(deployment.asked())
    with deployment.edge(login="alice:correct-horse") as edge:
        url = edge.url.replace("://", "://alice:correct-horse@") + "/"
        assert resolve(url, tmp_path, "app") == TREE

    seen = deployment.asked()[before:]
    assert seen
    for request in seen:
        assert not {"authorization", "cookie", "proxy-authorization"} & request.headers.keys()
        assert "horse" not in repr(request)


def test_a_rebuild_sends_nobody_elsewhere(
    deployment: Deployment, edge: Edge, tmp_path: Path
) -> None:
    """All pages are rewritten while a client resolves repeatedly."""
    command = [sys.executable, "-m", "s3pypi", "rebuild", "--fresh"]
    environment = {**isolated(tmp_path), **deployment.ours.environment}
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as rebuild:
        while True:
            over = rebuild.poll() is not None
            assert uv(f"{edge.url}/", tmp_path, "app") == TREE
            if over:
                break
    assert rebuild.returncode == 0
    gone = deployment.ours.page("gone")
    assert gone["files"] == []


def test_sidecars_and_upload_times_of_the_upstream(
    deployment: Deployment, edge: Edge, tmp_path: Path
) -> None:
    """Metadata files and upload times of the upstream work."""
    before = len(deployment.asked())
    assert pip(f"{edge.url}/", tmp_path, "app") == TREE
    paths = [request.path for request in deployment.asked()[before:]]
    assert "/public/pub/pub-2.0-py3-none-any.whl.metadata" in paths
    assert "/public/pub/pub-2.0-py3-none-any.whl" not in paths

    file = tmp_path / "requirements.in"
    file.write_text("pub")
    command = [sys.executable, "-m", "uv", "--no-cache", "pip", "compile", str(file)]
    options = ["--default-index", f"{edge.url}/", "--exclude-newer", "2020-01-01T00:00:00Z"]
    assert attempt([*command, *options], isolated(tmp_path)) is None


def test_hashes_hold_before_and_after(deployment: Deployment, edge: Edge, tmp_path: Path) -> None:
    """A lock file with the upstream's file installs that file."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        PROJECT.format(requirement="fresh")
        + f'[[tool.uv.index]]\nname = "company"\nurl = "{edge.url}/"\ndefault = true\n'
    )
    theirs, ours = wheel("fresh", "1.0"), wheel("fresh", "1.0", "Summary: ours")
    deployment.upstream.put("fresh/", theirs)
    deployment.upstream.until(lambda: deployment.upstream.files("fresh"), [theirs.filename])
    environment = isolated(tmp_path) | {"XDG_CONFIG_DIRS": str(tmp_path)}
    del environment["UV_NO_CONFIG"]
    command = [sys.executable, "-m", "uv", "--no-cache", "--directory", str(project)]
    run([*command, "lock", "--python", sys.executable], environment)
    assert deployment.settings.url in (project / "uv.lock").read_text()
    export = ["export", "--no-emit-project", "--output-file", "requirements.txt"]
    run([*command, *export, "--quiet"], environment)

    def install(target: str) -> str | None:
        return attempt(
            [
                *(sys.executable, "-m", "pip", "--isolated", "install", "--no-cache-dir"),
                *("--require-hashes", "--requirement", str(project / "requirements.txt")),
                *("--index-url", f"{edge.url}/", "--target", str(tmp_path / target)),
            ],
            isolated(tmp_path),
        )

    assert install("before") is not None
    deployment.ours.put("fresh/", ours)
    deployment.ours.until(lambda: deployment.ours.files("fresh"), [ours.filename])
    assert install("after") is None
    assert not (tmp_path / "after").exists()
    # The lock file names the upstream's file itself, so uv goes on installing that one.
    run([*command, "sync", "--frozen", "--python", sys.executable], environment)
    [installed] = project.glob(".venv/lib/python*/site-packages/fresh-1.0.dist-info/METADATA")
    assert "ours" not in installed.read_text()


def s3pypi(index: Index, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command, whether it succeeds or not."""
    command = [sys.executable, "-m", "s3pypi", *arguments]
    return subprocess.run(  # noqa: S603
        command, env=index.environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture(scope="module")
def team(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The index below the prefix, with a name that is free and one that is mirrored as well."""
    team = Index(deployment.stack, "team", tmp_path_factory.mktemp("team"))
    for name in ("alone", "mirror"):
        team.put(f"{name}/", wheel(name))
    deployment.upstream.put("mirror/", wheel("mirror"))
    team.until(lambda: {"alone", "mirror"} < set(team.projects()), expected=True)
    deployment.upstream.until(lambda: len(deployment.upstream.files("mirror")), 1)
    return team


def test_names(deployment: Deployment, team: Index) -> None:
    """The command reports names that somebody else uses, by its exit code, too."""
    options = ("names", "--upstream", deployment.settings.url)

    done = s3pypi(team, *options, "--json")

    assert done.returncode == 1, done.stderr
    found = {each["name"]: each for each in json.loads(done.stdout)}
    states = {name: each["state"] for name, each in found.items()}
    taken = dict.fromkeys(("acme-app", "app", "gone", "lib"), "taken")
    assert states == {"alone": "free", "mirror": "mirrored", **taken}
    assert found["app"]["versions"] == ["99.0"]
    assert found["app"]["first_upload"].startswith("20")
    known = [argument for name in taken for argument in ("--acknowledge", name)]
    assert s3pypi(team, *options, *known).returncode == 0


def test_the_schedule_checks_names(team: Index) -> None:
    """The deployed function does the same for all indexes of the bucket, with metrics."""
    resources = team.stack.resources
    command = {"command": "check_names", "bucket": resources.bucket, "acknowledged": ["lib"]}
    invoked = team.stack.clients.functions.invoke(
        FunctionName=resources.function, Payload=json.dumps(command)
    )
    answer = json.loads(invoked["Payload"].read())

    taken = {line.partition(" (")[0] for line in answer["taken"]}
    assert taken - {"taken: fresh"} == {"taken: acme-app", "taken: app"}
    assert answer["unknown"] == []
    assert (answer["states"]["free"], answer["states"]["acknowledged"]) == (1, 1)
    metrics = [json.loads(line) for line in resources.function_log() if '"NamesTaken"' in line]
    assert metrics[-1]["NamesTaken"] == [len(taken)]
    assert metrics[-1]["NamesUnknown"] == [0]


def test_forget(edge: Edge, team: Index, tmp_path: Path) -> None:
    """A name is released to the upstream only by an operator, and never with files."""
    assert uv(f"{edge.url}/team/", tmp_path, "gone") is None

    done = s3pypi(team, "forget", "app", "--yes")
    assert (done.returncode, "still has files" in done.stderr) == (1, True)
    done = s3pypi(team, "forget", "Gone", "--yes")

    assert (done.returncode, done.stdout) == (0, "forgotten: gone\n")
    assert "will get the package of that name from the upstream" in done.stderr
    assert uv(f"{edge.url}/team/", tmp_path, "gone") == {"gone": "99.0"}
    assert "gone" not in team.projects()
    assert uv(f"{edge.url}/team/", tmp_path, "app") == TREE
