"""Defaults of options from the settings of the project and the user."""

from pathlib import Path

import click
import pytest

from s3pypi.cli import Failure
from s3pypi.command_line.deployment import function_name, table_name
from tests.unit.cli.parsing import parsed

LIST = ("list", "-b", "b")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a project's `pyproject.toml`, with a user's file above it."""
    user = tmp_path / "user" / "s3pypi" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text('prefix = "/user/"\nregion = "r"\nbucket = "from-user"\n')
    monkeypatch.setattr(click, "get_app_dir", lambda name: str(tmp_path / "user" / name))
    (tmp_path / "project" / "src").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project" / "src")
    return tmp_path / "project" / "pyproject.toml"


def test_precedence(project: Path) -> None:
    """The command line overrides variables, the project's and the user's settings."""
    args = parsed("list")
    assert (args.bucket, args.prefix, args.region) == ("from-user", "user", "r")
    project.write_text('[tool.s3pypi]\nprefix = "project"\nprofile = "p"\n')
    args = parsed("list")
    assert (args.prefix, args.region, args.profile) == ("project", "r", "p")
    assert parsed("list", S3PYPI_PREFIX="variable").prefix == "variable"
    assert parsed("list", "--prefix", "line", S3PYPI_PREFIX="variable").prefix == "line"


def test_nearest_project(project: Path) -> None:
    """Only the nearest file is read, even if it has no settings."""
    project.write_text('[tool.s3pypi]\nprefix = "project"\n')
    Path("pyproject.toml").write_text('[project]\nname = "demo"\n')
    assert parsed("list").prefix == "user"


def test_every_setting(project: Path) -> None:
    """Each setting is the default of the option with its name."""
    project.write_text(
        '[tool.s3pypi]\nbucket = "b"\nprefix = "p"\nprofile = "o"\nregion = "r"\nfunction = "f"\n'
    )
    args = parsed("verify")
    assert (args.bucket, args.prefix, args.profile) == ("b", "p", "o")
    assert (args.region, args.function) == ("r", "f")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.s3pypi]\nbukcet = 'b'", "there is no setting 'bukcet'; use bucket, prefix"),
        ("[tool.s3pypi]\nendpoint-url = 'u'", "there is no setting 'endpoint-url'"),
        ("[tool.s3pypi]\nbucket = 1", "bucket must be a string"),
        ("[tool]\ns3pypi = 1", "the settings of s3pypi are not a table"),
        ("[tool", "cannot read "),
    ],
)
def test_bad_settings(project: Path, text: str, message: str) -> None:
    """An invalid file is a usage error with its path and the reason."""
    project.write_text(text)
    with pytest.raises(Failure) as caught:
        parsed(*LIST)
    assert caught.value.exit_code == 2
    assert message in str(caught.value)
    assert str(project) in str(caught.value)


def test_bad_values(project: Path) -> None:
    """Values are validated like those of options, and errors contain their source."""
    project.write_text('[tool.s3pypi]\nprefix = "a//b"\n')
    with pytest.raises(click.BadParameter) as caught:
        parsed(*LIST)
    assert "'prefix' in a settings file: not a prefix: 'a//b'" in caught.value.format_message()


@pytest.mark.parametrize(
    ("bucket", "function"),
    [
        ("example-bucket", "example-bucket-indexer"),
        ("pypi.example.com", "pypi-example-com-a119fbe1-indexer"),
        ("x" * 48, f"{'x' * 48}-indexer"),
        ("x" * 49, f"{'x' * 39}-55bb9823-indexer"),
    ],
)
def test_names_of_a_deployment(bucket: str, function: str) -> None:
    """The default names equal those of the Terraform module."""
    assert function_name(bucket) == function
    assert table_name(bucket) == f"{bucket}-locks"
