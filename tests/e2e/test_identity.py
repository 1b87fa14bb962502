"""Log in with real clients and tokens of a local AWS."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scripts.local.stack import LocalStack
from tests.e2e.clients import POETRY
from tests.e2e.conftest import Index, isolated, new_index, run
from tests.factories import wheel

Client = Callable[..., list[str]]
BIN = Path(sys.executable).parent
"""Where `s3pypi[keyring]` is installed."""


@pytest.fixture(scope="module")
def secured(function_zip: Path) -> Iterator[LocalStack]:
    """Provide a deployment whose edge accepts tokens."""
    with LocalStack(zip_path=function_zip, identity=True, record=True) as stack:
        yield stack


@pytest.fixture(scope="module")
def index(secured: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Provide an index with two projects, one of which depends on the other."""
    index = new_index(secured, tmp_path_factory.mktemp("identity"))
    index.put("app/", wheel("app", "1.0", "Requires-Dist: lib"))
    index.put("lib/", wheel("lib", "1.0"))
    index.until(lambda: {"app/index.json", "lib/index.json"} <= set(index.objects()), expected=True)
    return index


def address(index: Index, user: str = "") -> str:
    """Return the index's URL with the host that is the tokens' audience."""
    at = f"{user}@" if user else ""
    return f"http://{at}localhost:{urlsplit(index.stack.edge.url).port}/{index.prefix}/"


def machine(index: Index, home: Path) -> dict[str, str]:
    """Return the environment of a machine with AWS credentials and s3pypi[keyring]."""
    environment = isolated(home) | index.stack.environment
    # As `pipx install keyring` puts it there: pip ignores the one beside its own interpreter.
    bin_directory = home / "bin"
    bin_directory.mkdir(exist_ok=True)
    (bin_directory / "keyring").symlink_to(BIN / "keyring")
    environment["PATH"] = f"{bin_directory}:/usr/bin:/bin"
    del environment["S3PYPI_HOSTS"]
    return environment


def pip(url: str, target: Path, *arguments: str) -> list[str]:
    """The command that installs `app` with pip."""
    return [
        *(sys.executable, "-m", "pip", "--no-input", "install", "--no-cache-dir", *arguments),
        *("--disable-pip-version-check", "--index-url", url, "--target", str(target), "app"),
    ]


def uv(url: str, target: Path, *arguments: str) -> list[str]:
    """The command that installs `app` with uv."""
    return [
        *(sys.executable, "-m", "uv", "pip", "install", "--no-cache", *arguments),
        *("--default-index", url, "--target", str(target), "app"),
    ]


def installed(target: Path) -> set[str]:
    """The modules in a directory."""
    return {path.name for path in target.iterdir()} & {"app.py", "lib.py"}


@pytest.mark.parametrize("provider", ["subprocess", "import"])
def test_pip_with_keyring(provider: str, index: Index, tmp_path: Path) -> None:
    """The user `aws` in the URL is enough; pip gets the password from keyring."""
    target = tmp_path / "site"

    run(
        pip(address(index, "aws"), target, "--keyring-provider", provider),
        machine(index, tmp_path),
    )

    assert installed(target) == {"app.py", "lib.py"}


def test_pip_without_a_user(index: Index, tmp_path: Path) -> None:
    """For a host in S3PYPI_HOSTS, the user can be left out."""
    environment = machine(index, tmp_path) | {"S3PYPI_HOSTS": "localhost"}

    run(pip(address(index), tmp_path / "site", "--keyring-provider", "import"), environment)

    assert installed(tmp_path / "site") == {"app.py", "lib.py"}


def test_uv_with_keyring(index: Index, tmp_path: Path) -> None:
    """Uv runs the `keyring` command, with the user in the URL."""
    run(
        uv(address(index, "aws"), tmp_path / "site", "--keyring-provider", "subprocess"),
        machine(index, tmp_path),
    )

    assert installed(tmp_path / "site") == {"app.py", "lib.py"}


@pytest.mark.parametrize("user", ["", "aws"])
def test_uv_that_always_authenticates(user: str, index: Index, tmp_path: Path) -> None:
    """With `authenticate = "always"`, uv also gets the user from keyring."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["app"]\n'
        '[tool.uv]\nkeyring-provider = "subprocess"\n'
        f'[[tool.uv.index]]\nname = "example"\nurl = "{address(index, user)}"\n'
        'default = true\nauthenticate = "always"\n'
    )
    environment = machine(index, tmp_path) | {"S3PYPI_HOSTS": "localhost"}
    del environment["UV_NO_CONFIG"]
    command = [sys.executable, "-m", "uv", "--no-cache", "sync", "--no-install-project"]

    run([*command, "--directory", str(project), "--python", sys.executable], environment)

    assert list((project / ".venv").glob("lib/*/site-packages/lib.py"))
    lock = (project / "uv.lock").read_text()
    assert "eyJ" not in lock  # no part of a token


def test_poetry_with_keyring(index: Index, tmp_path: Path) -> None:
    """Poetry imports keyring; its environment needs s3pypi, and S3PYPI_HOSTS names the host."""
    assert POETRY.exists(), "poetry is not in .venv-clients: run the tests with `make test`"
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["app"]\n'
        "[tool.poetry]\npackage-mode = false\n"
        f'[[tool.poetry.source]]\nname = "example"\nurl = "{address(index)}"\n'
        'priority = "primary"\n'
    )
    environment = machine(index, tmp_path) | {
        "S3PYPI_HOSTS": "localhost",
        "PYTHONPATH": str(injected(tmp_path / "injected")),
        "POETRY_CACHE_DIR": str(tmp_path / "cache"),
        "POETRY_CONFIG_DIR": str(tmp_path / "config"),
        "POETRY_VIRTUALENVS_IN_PROJECT": "true",
    }

    run([str(POETRY), "--no-interaction", "-C", str(project), "install"], environment)

    assert list((project / ".venv").glob("lib/*/site-packages/lib.py"))
    assert "eyJ" not in (project / "poetry.lock").read_text()


def injected(directory: Path) -> Path:
    """Install the packages that `pipx inject poetry 's3pypi[keyring]'` would add."""
    directory.mkdir()
    for name in (
        "boto3",
        "botocore",
        "s3transfer",
        "jmespath",
        "python-dateutil",
        "six",
        "urllib3",
    ):
        for path in distribution(name).files or ():
            top = path.parts[0]
            if top not in {"..", "__pycache__"} and not (directory / top).exists():
                (directory / top).symlink_to(Path(str(distribution(name).locate_file(top))))
    (directory / "s3pypi").symlink_to(Path(__file__).parents[2] / "cli" / "s3pypi")
    metadata = directory / "s3pypi-3.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: s3pypi\nVersion: 3\n")
    (metadata / "entry_points.txt").write_text(
        "[keyring.backends]\ns3pypi = s3pypi.keyring_backend\n"
    )
    return directory


@pytest.mark.parametrize("client", [pip, uv])
def test_a_token_as_the_password(client: Client, index: Index, tmp_path: Path) -> None:
    """In CI, `s3pypi token` prints a password for a netrc file or a variable."""
    environment = machine(index, tmp_path)
    command = [sys.executable, "-m", "s3pypi", "token", "--host", "localhost"]
    token = run(command, environment).stdout.strip()
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine localhost login aws password {token}\n")
    netrc.chmod(0o600)

    run(client(address(index), tmp_path / "site"), environment)

    assert installed(tmp_path / "site") == {"app.py", "lib.py"}


def test_without_aws_the_reason_is_shown(index: Index, tmp_path: Path) -> None:
    """Without credentials, the reason is shown, not only a missing package."""
    environment = machine(index, tmp_path)
    for name in [name for name in environment if name.startswith("AWS_") and "KEY" in name]:
        del environment[name]
    environment["AWS_EC2_METADATA_DISABLED"] = "true"

    done = subprocess.run(  # noqa: S603
        pip(address(index, "aws"), tmp_path / "site", "--keyring-provider", "import"),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "cannot get a token for localhost: no AWS credentials were found" in done.stderr


def test_a_disabled_federation_is_named(index: Index, tmp_path: Path) -> None:
    """If the account has not enabled it, the command explains how to."""
    identity = index.stack.identity
    assert identity
    identity.enabled = False
    try:
        done = subprocess.run(
            [sys.executable, "-m", "s3pypi", "token", "--host", "localhost"],
            env=machine(index, tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        identity.enabled = True

    assert (done.returncode, done.stdout) == (1, "")
    assert "aws iam enable-outbound-web-identity-federation" in done.stderr
