"""Real installers with a running deployment, over JSON and over HTML.

The clients negotiate for themselves and get JSON. What they make of HTML is seen through a second
edge server whose origin has no JSON, as on a static host that cannot negotiate. Either one records
its requests: what a client did not ask for it did not need.
"""

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from unearth import Package, PackageFinder

from scripts.local.edge.run import running_edge
from scripts.local.edge.server import Edge
from scripts.local.stack import LocalStack
from tests.e2e.clients import (
    APP,
    BEST,
    GONE,
    LIB,
    NEW,
    OLD,
    OTHERS,
    PROJECTS,
    REASON,
    SOURCE,
    TREE,
    Clients,
    Site,
    WithoutJson,
    check_resolution,
    distributions_in,
    paths,
    project_of,
    requirements,
    sha256,
    site_packages,
    upload_time,
    z,
)
from tests.e2e.conftest import Index, isolated, run
from tests.factories import wheel


@pytest.fixture(scope="module")
def between(module_index: Index) -> datetime:
    """Fill the index; return a time after all uploads except `timed` 2.0."""
    index = module_index
    index.put_object(f"lib/{LIB['2.0'].filename}.yanked", REASON.encode())
    index.put_object(f"gone/{GONE['1.0'].filename}.yanked", b"")
    index.put_object(f"gone/{GONE['2.0'].filename}.yanked", REASON.encode())
    for name, distributions in PROJECTS.items():
        index.put(f"{name}/", *distributions)
    index.until(index.projects, sorted(PROJECTS))
    for name, distributions in PROJECTS.items():
        wanted = sorted(one.filename for one in distributions)
        index.until(lambda name=name: sorted(index.files(name)), wanted)  # type: ignore[misc]
    time = upload_time(index, OLD) + timedelta(seconds=1)
    # S3 may give whole seconds, and the two files must differ in them.
    index.until(lambda: datetime.now(UTC) > time + timedelta(seconds=1), expected=True)
    index.put("timed/", NEW)
    index.until(lambda: len(index.files("timed")), 2)
    assert OLD.filename < NEW.filename
    assert upload_time(index, OLD) < time < upload_time(index, NEW)
    return time


@pytest.fixture(scope="module")
def html_edge(stack: LocalStack) -> Iterator[Edge]:
    """Provide an edge for the same bucket without JSON pages."""
    origin = WithoutJson(stack.clients.s3, stack.resources.bucket)
    with running_edge(origin, record=True) as edge:
        yield edge


@pytest.fixture(params=["json", "html"])
def site(request: pytest.FixtureRequest, stack: LocalStack, html_edge: Edge, filled: Index) -> Site:
    """Provide the filled index, over JSON or HTML."""
    edge = stack.edge if request.param == "json" else html_edge
    return Site(edge, filled.prefix, request.param)


@pytest.fixture(scope="module")
def filled(module_index: Index, between: datetime) -> Index:
    """Provide the complete index."""
    assert between < datetime.now(UTC)
    return module_index


@pytest.fixture(scope="module")
def json_site(stack: LocalStack, filled: Index) -> Site:
    """Provide the filled index, for tests that need JSON."""
    return Site(stack.edge, filled.prefix, "json")


@pytest.fixture
def clients(tmp_path: Path) -> "Clients":
    """Provide the clients, with a working directory for this test."""
    return Clients(tmp_path)


# pip


def test_pip_installs_a_tree_of_odd_names(site: Site, clients: Clients) -> None:
    """Pip installs the best version of each sample project."""
    requests = site.asked(
        lambda: clients.pip("install", site, "--target", str(clients.target), "app")
    )
    assert clients.installed() == TREE
    [page] = [one for one in requests if one.path == f"/{site.prefix}/app/"]
    assert page.headers["accept"].startswith("application/vnd.pypi.simple.v1+json,")


def test_pip_resolves_without_fetching_a_wheel(site: Site, clients: Clients) -> None:
    """A resolution only needs pages and metadata files (PEP 658)."""
    tree: dict[str, str] = {}
    requests = site.asked(lambda: tree.update(clients.pip_resolves(site, "app")))
    assert tree == TREE
    check_resolution(requests)


def test_pip_downloads(site: Site, clients: Clients) -> None:
    """Wheels and sdists arrive as they were uploaded."""
    clients.pip("download", site, "--no-deps", "--dest", str(clients.target), "lib", "source")
    arrived = {path.name: path.read_bytes() for path in clients.target.iterdir()}
    assert arrived == {BEST.filename: BEST.content, SOURCE.filename: SOURCE.content}


def test_pip_builds_a_legacy_sdist(site: Site, clients: Clients) -> None:
    """A zip with a hyphen in its version is found, built and installed."""
    clients.pip("install", site, "--target", str(clients.target), "--pre", "legacy-beta")
    assert clients.installed() == {"legacy-beta": "1.0b0"}


def test_pip_requires_hashes(site: Site, clients: Clients) -> None:
    """The right digest is accepted, and another one is refused."""
    right = requirements(clients.home, f"lib==1.1 --hash=sha256:{sha256(BEST)}")
    options = ("--target", str(clients.target), "--require-hashes", "-r")
    clients.pip("install", site, *options, right)
    assert clients.installed() == {"lib": "1.1"}
    wrong = requirements(clients.home, f"lib==1.1 --hash=sha256:{sha256(APP)}")
    said = clients.pip_fails("install", site, *options, wrong)
    assert "HASHES" in said


def test_pip_leaves_yanked_files_unless_pinned(site: Site, clients: Clients) -> None:
    """A range never selects one; `==` does, with a warning (PEP 592)."""
    assert clients.pip_resolves(site, "lib>=1.0")["lib"] == "1.1"
    assert "lib>1.1" in clients.pip_fails("install", site, "--dry-run", "lib>1.1")
    pinned = run(clients._pip("install", site, "--dry-run", "lib==2.0"), isolated(clients.home))
    assert "Would install lib-2.0" in pinned.stdout
    assert REASON in pinned.stderr


def test_pip_knows_a_yank_without_a_reason(site: Site, clients: Clients) -> None:
    """A fully yanked project can only be installed with a pin."""
    assert "gone" in clients.pip_fails("install", site, "--dry-run", "gone")
    assert clients.pip_resolves(site, "gone==1.0") == {"gone": "1.0"}


def test_pip_respects_requires_python(site: Site, clients: Clients) -> None:
    """Versions for other Pythons are skipped, and pip reports why."""
    said = clients.pip_fails("install", site, "--dry-run", "lib==3.0")
    assert "Requires-Python >=99" in said


def test_pip_lists_versions(site: Site, clients: Clients) -> None:
    """`pip index versions` shows the versions that can be installed here."""
    listed = json.loads(clients.pip("index versions", site, "--json", "lib"))
    assert listed["versions"] == ["1.1", "1.0"]
    assert listed["latest"] == "1.1"


def test_pip_takes_what_was_uploaded_before_a_time(
    json_site: Site, clients: Clients, between: datetime
) -> None:
    """`--uploaded-prior-to` after both, between, and before the uploads."""
    late = datetime.now(UTC) + timedelta(days=1)
    site = json_site
    assert clients.pip_resolves(site, "timed", f"--uploaded-prior-to={z(late)}")["timed"] == "2.0"
    cut = f"--uploaded-prior-to={z(between)}"
    assert clients.pip_resolves(site, "timed", cut)["timed"] == "1.0"
    early = f"--uploaded-prior-to={z(between - timedelta(days=1))}"
    assert "timed" in clients.pip_fails("install", site, "--dry-run", "timed", early)


def test_pip_needs_json_for_upload_times(
    filled: Index, html_edge: Edge, clients: Clients, between: datetime
) -> None:
    """Known limit: HTML has no standard upload time, so pip refuses."""
    site = Site(html_edge, filled.prefix, "html")
    said = clients.pip_fails(
        "install", site, "--dry-run", f"--uploaded-prior-to={z(between)}", "lib"
    )
    assert "does not provide upload-time metadata" in said


# uv


def test_uv_installs_a_tree_of_odd_names(site: Site, clients: Clients) -> None:
    """uv, which does not normalise URLs, installs the best version of each."""
    clients.uv("install", site, "--target", str(clients.target), "app", "source")
    assert clients.installed() == TREE | {"source": "1.0"}


def test_uv_resolves_without_fetching_a_wheel(site: Site, clients: Clients) -> None:
    """A resolution only needs pages and metadata files."""
    compiled: list[str] = []
    requests = site.asked(lambda: compiled.append(clients.uv_resolves(site, "app")))
    assert compiled[0].split() == sorted(f"{name}=={version}" for name, version in TREE.items())
    check_resolution(requests)


def test_uv_requires_hashes(site: Site, clients: Clients) -> None:
    """The page's digests are in the requirements, and files are checked."""
    compiled = clients.uv_resolves(site, "lib", options=("--generate-hashes",))
    assert f"--hash=sha256:{sha256(BEST)}" in compiled
    right = requirements(clients.home, compiled)
    options = ("--target", str(clients.target), "--require-hashes", "-r")
    clients.uv("install", site, *options, right)
    assert clients.installed() == {"lib": "1.1"}
    wrong = requirements(clients.home, f"app==1.0 --hash=sha256:{sha256(BEST)}")
    assert "Hash mismatch" in clients.uv_fails("install", site, "--no-deps", *options, wrong)


def test_uv_locks_and_syncs_a_project(site: Site, clients: Clients) -> None:
    """The lock has the digest, size and upload time of each file."""
    project = project_of(
        clients.home,
        f'dependencies = ["app"]\n\n[[tool.uv.index]]\nurl = "{site.url}"\ndefault = true\n',
    )
    clients.uv_project(project, "lock")
    lock = tomllib.loads((project / "uv.lock").read_text())
    locked = {one["name"]: one for one in lock["package"] if one["name"] != "project"}
    assert {key: one["version"] for key, one in locked.items()} == TREE
    [file] = locked["lib"]["wheels"]
    assert file["hash"] == f"sha256:{sha256(BEST)}"
    assert file["size"] == len(BEST.content)
    assert datetime.fromisoformat(str(file["upload-time"])) <= datetime.now(UTC)
    requests = site.asked(lambda: clients.uv_project(project, "sync", "--locked"))
    assert distributions_in(site_packages(project / ".venv")) == TREE
    assert len([path for path in paths(requests) if path.endswith(".whl")]) == len(TREE)


def test_uv_takes_what_was_uploaded_before_a_time(
    site: Site, clients: Clients, between: datetime
) -> None:
    """`--exclude-newer` after both, between, before; in HTML it reads `data-upload-time`."""
    late = datetime.now(UTC) + timedelta(days=1)
    for time, version in ((late, "2.0"), (between, "1.0")):
        compiled = clients.uv_resolves(site, "timed", options=("--exclude-newer", z(time)))
        assert compiled.strip() == f"timed=={version}"
    early = ("--exclude-newer", z(between - timedelta(days=1)))
    file = requirements(clients.home, "timed")
    assert "timed" in clients.uv_fails("compile", site, *early, file)


def test_uv_goes_on_to_the_next_index_for_an_unknown_project(
    site: Site, clients: Clients, index: Index
) -> None:
    """After a 404, the first-index strategy uses the next index."""
    index.put("only/", wheel("only", "1.0", "Requires-Dist: lib==1.0"))
    index.put("lib/", wheel("lib", "0.9"), wheel("lib", "1.0"))
    index.until(lambda: (index.files("only") != [], len(index.files("lib"))), (True, 2))
    first = Site(site.edge, index.prefix, site.form)
    asked = first.asked(
        lambda: clients.uv(
            "install", site, "--index", first.url, "--target", str(clients.target), "app", "only"
        )
    )
    assert clients.installed() == TREE | {"only": "1.0", "lib": "1.0"}
    statuses = {one.path.split("/")[2]: one.status for one in asked if one.path.endswith("/")}
    assert statuses == {name: 404 for name in TREE if name != "lib"} | {"only": 200, "lib": 200}


def test_uv_leaves_yanked_files_unless_pinned(site: Site, clients: Clients) -> None:
    """A range never selects one; `==` does, with a warning."""
    assert clients.uv_resolves(site, "lib>=1.0").strip() == "lib==1.1"
    assert "lib" in clients.uv_fails("install", site, "--dry-run", "lib>1.1,<3")
    said = clients.uv("install", site, "--target", str(clients.target), "lib==2.0")
    assert clients.installed() == {"lib": "2.0"}
    assert "yanked" in said
    assert REASON in said


def test_uv_respects_requires_python(site: Site, clients: Clients) -> None:
    """A version for other Pythons cannot be installed."""
    assert ">=99" in clients.uv_fails("install", site, "--dry-run", "lib==3.0")


# poetry


def test_poetry_locks_and_installs(site: Site, clients: Clients) -> None:
    """With this index as the primary source, the lock has the page's digests."""
    project = project_of(
        clients.home,
        'dependencies = ["app"]\n\n[tool.poetry]\npackage-mode = false\n\n'
        f'[[tool.poetry.source]]\nname = "private"\nurl = "{site.url}"\npriority = "primary"\n',
    )
    requests = site.asked(lambda: clients.poetry(project, "lock"))
    lock = tomllib.loads((project / "poetry.lock").read_text())
    assert {one["name"]: one["version"] for one in lock["package"]} == TREE
    files = {file["file"]: file["hash"] for one in lock["package"] for file in one["files"]}
    assert files == {one.filename: f"sha256:{sha256(one)}" for one in (APP, BEST, *OTHERS)}
    assert not [path for path in paths(requests) if path.endswith(".whl")]
    assert {one["source"]["url"] for one in lock["package"]} == {site.url.rstrip("/")}
    clients.poetry(project, "install", "--no-root")
    assert TREE.items() <= distributions_in(site_packages(project / ".venv")).items()


# PDM


def found(site: Site, requirement: str, **options: Any) -> Package | None:
    """Return the file that PDM's finder selects."""
    finder = PackageFinder(index_urls=[site.url], **options)
    with finder.session as session:  # type: ignore[attr-defined]
        assert session
        return finder.find_best_match(requirement).best


def test_pdm_finds_the_best_file(site: Site) -> None:
    """It has the digest, the metadata file and the constraint."""
    best = found(site, "lib")
    assert best is not None
    assert best.version == "1.1"
    assert best.link.requires_python == ">=3.8,<4"
    assert best.link.hash_option == {"sha256": [sha256(BEST)]}
    assert best.link.dist_info_link is not None
    assert best.link.dist_info_link.filename == f"{BEST.filename}.metadata"


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("plus", "1.0+local.1"),
        ("epoch", "1!2.0"),
        ("Dotted_Name", "1.0"),
        ("legacy-beta", None),
        ("lib==2.0", "2.0"),
        ("lib>=1.0", "1.1"),
        ("gone", None),
        ("gone==2.0", "2.0"),
        ("nowhere", None),
    ],
)
def test_pdm_chooses(site: Site, requirement: str, version: str | None) -> None:
    """Odd names are found; yanked files only with a pin."""
    best = found(site, requirement)
    assert (best.version if best else None) == version


def test_pdm_reads_legacy_names_when_told_to(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known limit: a hyphen in an sdist's version needs this setting."""
    monkeypatch.setenv("UNEARTH_LOOSE_FILENAME", "1")
    best = found(site, "legacy-beta")
    assert best is not None
    assert best.version == "1.0-beta"


def test_pdm_takes_what_was_uploaded_before_a_time(json_site: Site, between: datetime) -> None:
    """PDM's `exclude-newer`, after both, between and before the two uploads."""
    late = datetime.now(UTC) + timedelta(days=1)
    for time, version in ((late, "2.0"), (between, "1.0")):
        best = found(json_site, "timed", exclude_newer_than=time)
        assert best is not None
        assert best.version == version
    assert found(json_site, "timed", exclude_newer_than=between - timedelta(days=1)) is None


# a yank, from the outside


def test_a_yank_is_seen_and_taken_back(index: Index, stack: LocalStack, clients: Clients) -> None:
    """Creating and deleting the marker changes pip's selection."""
    old, new = wheel("foo", "1.0"), wheel("foo", "2.0")
    index.put("foo/", old, new)
    index.until(lambda: len(index.files("foo")), 2)
    site = Site(stack.edge, index.prefix, "json")
    assert clients.pip_resolves(site, "foo") == {"foo": "2.0"}

    def yanks() -> dict[str, Any]:
        return {file["filename"]: file.get("yanked", False) for file in index.page("foo")["files"]}

    index.put_object(f"foo/{new.filename}.yanked", REASON.encode())
    index.until(yanks, {old.filename: False, new.filename: REASON})
    assert clients.pip_resolves(site, "foo") == {"foo": "1.0"}
    index.remove(f"foo/{new.filename}.yanked")
    index.until(yanks, {old.filename: False, new.filename: False})
    assert clients.pip_resolves(site, "foo") == {"foo": "2.0"}
