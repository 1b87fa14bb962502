"""The rules of `s3pypi prune --rules FILE`, as a TOML file has them."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from s3pypi.command_line.values import parse_age, parse_count
from s3pypi.errors import UsageError
from s3pypi.projects.pruning import Kind, Rule

_KEYS = ("projects", "versions", "older-than", "keep", "yank-first")


def read_rules(text: str) -> list[Rule]:
    """Return the rules of a file, in its order.

    Each is a table `[[rule]]` with `older-than` and `keep`, and optionally `projects`, a list of
    patterns, `versions`, which is a `Kind`, and `yank-first`.

    Args:
        text: The file's path.

    Raises:
        UsageError: The file cannot be read, or a rule is not as it should be.
    """
    try:
        content = tomllib.loads(Path(text).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {text}: {error}") from error
    tables = content.pop("rule", None)
    if content or not isinstance(tables, list) or not tables:
        raise UsageError(f"{text}: it must have tables [[rule]], and nothing else")
    rules = []
    for number, table in enumerate(tables, start=1):
        try:
            rules.append(_rule(table))
        except UsageError as error:
            raise UsageError(f"{text}, rule {number}: {error}") from error
    return rules


def _rule(table: object) -> Rule:
    if not isinstance(table, Mapping):
        raise UsageError("it is not a table")
    for name in table:
        if name not in _KEYS:
            raise UsageError(f"there is no setting {name!r}; use {', '.join(_KEYS)}")
    keep, versions = table.get("keep"), table.get("versions", Kind.PRE)
    if type(keep) is not int:
        raise UsageError("'keep' must be a number")
    if versions not in list(Kind):
        raise UsageError(f"'versions' must be one of {', '.join(Kind)}")
    return Rule(
        kind=Kind(versions),
        older_than=parse_age(_text(table, "older-than")),
        keep=parse_count(str(keep)),
        yank_first=parse_age(_text(table, "yank-first")) if "yank-first" in table else None,
        projects=_patterns(table.get("projects", ["*"])),
    )


def _patterns(several: object) -> tuple[str, ...]:
    if not isinstance(several, list) or not several:
        raise UsageError("'projects' must be a list of patterns")
    if not all(isinstance(each, str) for each in several):
        raise UsageError("'projects' must be a list of patterns")
    return tuple(re.sub(r"[-_.]+", "-", each).lower() for each in several)


def _text(table: Mapping[str, object], name: str) -> str:
    value = table.get(name)
    if not isinstance(value, str) or not value:
        raise UsageError(f'{name!r} must be an age such as "90d"')
    return value
