"""Read defaults of options from the project's `pyproject.toml` and the user's settings file."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import click

from s3pypi.errors import UsageError

KEYS = ("bucket", "prefix", "profile", "region", "function", "index-url")
"""The available settings. Credentials and endpoints are not among them, so that a cloned repository
cannot redirect uploads to another server."""


def read_settings(directory: Path) -> dict[str, str]:
    """Return the settings of both files by option name; the project's file takes precedence.

    Args:
        directory: The working directory. The project's settings are the table `tool.s3pypi` of
            the nearest `pyproject.toml` in it or above it.

    Raises:
        UsageError: A file cannot be read, or has an unknown setting.
    """
    own = Path(click.get_app_dir("s3pypi")) / "config.toml"
    settings = _checked(_read(own), own) if own.is_file() else {}
    project = next(
        (each / "pyproject.toml" for each in (directory, *directory.parents) if _has_project(each)),
        None,
    )
    if project:
        tool = _read(project).get("tool")
        table = tool.get("s3pypi", {}) if isinstance(tool, dict) else {}
        settings |= _checked(table, project)
    return {name.replace("-", "_"): value for name, value in settings.items()}


def _has_project(directory: Path) -> bool:
    return (directory / "pyproject.toml").is_file()


def _read(file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {file}: {error}") from error


def _checked(table: object, file: Path) -> dict[str, str]:
    if not isinstance(table, Mapping):
        raise UsageError(f"{file}: the settings of s3pypi are not a table")
    settings: dict[str, str] = {}
    for name, value in table.items():
        if name not in KEYS:
            raise UsageError(f"{file}: there is no setting {name!r}; use {', '.join(KEYS)}")
        if not isinstance(value, str):
            raise UsageError(f"{file}: {name} must be a string")
        settings[name] = value
    return settings
