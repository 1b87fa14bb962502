"""Log in with real clients: pip, uv and a browser, with the real edge function."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Error, HttpCredentials, expect

from basic_auth.parameters import ParameterStore
from basic_auth.users import put_user
from scripts.local.edge.origin import Origin
from scripts.local.edge.run import running_edge
from scripts.local.edge.server import Edge
from scripts.local.edge.viewer_function import DOMAIN, ViewerFunction
from scripts.local.stack import LocalStack
from scripts.screenshots.browser import NoBrowserError, running_browser
from tests.e2e.conftest import Index, isolated, run
from tests.factories import wheel

ROOT = Path(__file__).parents[2]
# All that a URL, a header or a configuration file could trip over, within what pip can send.
PASSWORD = "pässwörd:with @/?#%+"
NETRC_PASSWORD = "plain-and-long-enough"

Client = Callable[[str, Path], list[str]]


@pytest.fixture(scope="module")
def index(module_index: Index) -> Index:
    """Provide an index with two projects, one of which depends on the other."""
    module_index.put("app/", wheel("app", "1.0", "Requires-Dist: lib"))
    module_index.put("lib/", wheel("lib", "1.0"))
    module_index.until(lambda: len(module_index.files("app") + module_index.files("lib")), 2)
    return module_index


@pytest.fixture(scope="module")
def edge(stack: LocalStack) -> Iterator[Edge]:
    """Provide an edge with the users alice and netty."""
    store = ParameterStore(stack.clients.ssm, DOMAIN)
    put_user(store, "alice", PASSWORD)
    put_user(store, "netty", NETRC_PASSWORD)
    origin = Origin(stack.clients.s3, stack.resources.bucket)
    with running_edge(origin, viewer_function=ViewerFunction(store), record=True) as edge:
        yield edge


def address(edge: Edge, index: Index, login: str = "") -> str:
    """Return the index's URL at that edge, with or without credentials."""
    parts = urlsplit(edge.url)
    at = f"{login}@" if login else ""
    return f"{parts.scheme}://{at}{parts.netloc}/{index.prefix}/"


def login(user: str, password: str) -> str:
    """Return credentials as they appear in a URL."""
    return f"{user}:{quote(password, safe='')}"


def pip(url: str, target: Path) -> list[str]:
    """The command that installs `app` with pip."""
    return [
        *(sys.executable, "-m", "pip", "--isolated", "--no-input", "install", "--no-cache-dir"),
        *("--disable-pip-version-check", "--index-url", url, "--target", str(target), "app"),
    ]


def uv(url: str, target: Path) -> list[str]:
    """The command that installs `app` with uv."""
    return [
        *(sys.executable, "-m", "uv", "pip", "install", "--no-cache"),
        *("--default-index", f"company={url}", "--target", str(target), "app"),
    ]


CLIENTS = pytest.mark.parametrize("client", [pip, uv])


@CLIENTS
def test_a_password_in_the_address(
    client: Client, edge: Edge, index: Index, tmp_path: Path
) -> None:
    """Pages, files and metadata are read with the password in the URL."""
    url = address(edge, index, login("alice", PASSWORD))

    run(client(url, tmp_path / "site"), isolated(tmp_path))

    assert {"app.py", "lib.py"} <= {path.name for path in (tmp_path / "site").iterdir()}


@CLIENTS
def test_a_password_in_netrc(client: Client, edge: Edge, index: Index, tmp_path: Path) -> None:
    """The password in ~/.netrc is used."""
    host = urlsplit(edge.url).hostname
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine {host} login netty password {NETRC_PASSWORD}\n")
    netrc.chmod(0o600)

    run(client(address(edge, index), tmp_path / "site"), isolated(tmp_path))

    assert (tmp_path / "site" / "lib.py").exists()


def test_a_password_in_the_environment(edge: Edge, index: Index, tmp_path: Path) -> None:
    """The password in uv's variables for a named index is used."""
    environment = isolated(tmp_path) | {
        "UV_INDEX_COMPANY_USERNAME": "alice",
        "UV_INDEX_COMPANY_PASSWORD": PASSWORD,
    }

    run(uv(address(edge, index), tmp_path / "site"), environment)

    assert (tmp_path / "site" / "lib.py").exists()


@CLIENTS
@pytest.mark.parametrize("who", ["", login("alice", "wrong"), login("nobody", PASSWORD)])
def test_others_are_refused(
    client: Client, who: str, edge: Edge, index: Index, tmp_path: Path
) -> None:
    """Without the right password, a client gets 401 for pages and files."""
    assert edge.requests is not None
    before = len(edge.requests)

    done = subprocess.run(  # noqa: S603
        client(address(edge, index, who), tmp_path / "site"),
        env=isolated(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert {one.status for one in edge.requests[before:]} == {401}
    assert "401" in done.stderr or "No matching distribution" in done.stderr


def test_a_browser_logs_in(edge: Edge, index: Index) -> None:
    """After a login, a browser shows the pages."""
    url = address(edge, index)
    try:
        with running_browser() as browser:
            with pytest.raises(Error, match="ERR_INVALID_AUTH_CREDENTIALS"):
                browser.new_context().new_page().goto(url)  # nobody is there to be asked

            credentials: HttpCredentials = {"username": "alice", "password": PASSWORD}
            page = browser.new_context(http_credentials=credentials).new_page()
            page.goto(url)
            page.get_by_role("link", name="lib", exact=True).click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("lib")
    except NoBrowserError as error:
        pytest.skip(str(error))


def test_an_operators_day(stack: LocalStack, index: Index, tmp_path: Path) -> None:
    """The script adds, lists and removes a user, from any directory."""

    def script(*arguments: str) -> str:
        command = [sys.executable, str(ROOT / "basic_auth" / "put_user.py"), DOMAIN, *arguments]
        return run(command, stack.environment | {"PATH": "/usr/bin:/bin"}).stdout

    password = script("ci-bot", "--random-password", "24").strip()
    assert "ci-bot\tscrypt" in script("--list").splitlines()

    store = ParameterStore(stack.clients.ssm, DOMAIN)
    origin = Origin(stack.clients.s3, stack.resources.bucket)
    with running_edge(origin, viewer_function=ViewerFunction(store)) as edge:
        url = address(edge, index, login("ci-bot", password))
        run(pip(url, tmp_path / "site"), isolated(tmp_path))
    assert (tmp_path / "site" / "app.py").exists()

    script("ci-bot", "--delete")
    assert "ci-bot" not in script("--list")
