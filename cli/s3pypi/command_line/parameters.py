"""The parameter types. Values are checked while the command line is parsed."""

import math
from collections.abc import Callable
from typing import Any

import click

from s3pypi.errors import UsageError


class Checked(click.ParamType[Any]):
    """A parameter type based on a parse function.

    Args:
        name: The name of the type in help texts.
        parse: Returns the value; raises `UsageError` if the text is invalid.
    """

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the parsed value; fail with a message if the text is invalid."""
        try:
            return self._parse(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)

    def split_envvar_value(self, rv: str) -> list[str]:
        """Treat a variable as one value, even for repeatable options."""
        return [rv]


def _project(text: str) -> str:
    from s3pypi.command_line.values import parse_project

    return parse_project(text)


def _version(text: str) -> object:
    from s3pypi.command_line.values import parse_version

    return parse_version(text)


def _host(text: str) -> str:
    from s3pypi.hosts import parse_host

    return parse_host(text)


def _prefix(text: str) -> str:
    from s3pypi.command_line.values import parse_prefix

    return parse_prefix(text)


def _url(text: str) -> str:
    from s3pypi.client_settings import parse_url

    return parse_url(text)


def _reason(text: str) -> str:
    from s3pypi.command_line.values import parse_reason

    return parse_reason(text)


def _put_args(text: str) -> dict[str, str | int | bool]:
    from s3pypi.aws.put_args import parse_put_args

    return parse_put_args(text)


def _not_empty(text: str) -> str:
    if not text:
        raise UsageError("it must not be empty")
    return text


def _seconds(text: str) -> float:
    if not is_number(text) or not 0 < float(text) < math.inf:
        raise UsageError(f"not a positive number of seconds: {text!r}")
    return float(text)


def _count(text: str) -> int:
    from s3pypi.command_line.values import parse_count

    return parse_count(text)


def _days(text: str) -> object:
    from s3pypi.command_line.values import parse_age

    return parse_age(text)


def is_number(text: str) -> bool:
    """Return whether a text is a number, including infinity and NaN."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _bucket(text: str) -> str:
    if text.startswith("s3://"):
        bucket, _slash, prefix = text.removeprefix("s3://").strip("/").partition("/")
        more = f" --prefix {prefix}" if prefix else ""
        raise UsageError(f"{text!r} is a URL; write --bucket {bucket}{more}")
    return _not_empty(text)


PROJECT = Checked("name", _project)
VERSION = Checked("version", _version)
HOST = Checked("host", _host)
PREFIX = Checked("prefix", _prefix)
REASON = Checked("text", _reason)
PUT_ARGS = Checked("parameters", _put_args)
URL = Checked("URL", _url)
BUCKET = Checked("bucket", _bucket)
REQUIRED = Checked("text", _not_empty)
SECONDS = Checked("seconds", _seconds)
DAYS = Checked("age", _days)
COUNT = Checked("number", _count)
FILENAME = Checked("file", str)
