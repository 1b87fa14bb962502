"""A project's dependencies, by extra."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

# As `packaging` writes markers; the clause may come the other way round.
_REVERSED: Final = re.compile(r'("[^"]*") == extra\b')
_EXTRA: Final = re.compile(r'\bextra == "([^"]*)"')
_CLAUSE: Final = r'extra == "[^"]*"'
_CLAUSES: Final = rf"{_CLAUSE}(?: or {_CLAUSE})*"
_OPERAND: Final = rf"(?:{_CLAUSE}|\({_CLAUSES}\))"
_ONLY_EXTRAS: Final = re.compile(_CLAUSES)
_WITH_EXTRAS: Final = re.compile(rf"{_OPERAND} and (?P<after>.+)|(?P<before>.+) and {_OPERAND}")
_GROUP: Final = re.compile(r"\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Dependency:
    """One requirement.

    Attributes:
        project: its normalized name; None if the requirement is no valid one.
        name: as written.
        rest: what follows the name, without the extras that ask for it.
    """

    project: NormalizedName | None
    name: str
    rest: str


def by_extra(requires: Iterable[str]) -> dict[str, list[Dependency]]:
    """Group requirements by extra, in their order; those without an extra come first, under "".

    A requirement that several extras ask for is in the group of each.

    Args:
        requires: the requirements, as written (PEP 508).
    """
    groups: dict[str, list[Dependency]] = {"": []}
    for text in requires:
        extras, dependency = _parsed(text)
        for extra in extras:
            groups.setdefault(extra, []).append(dependency)
    return {extra: dependencies for extra, dependencies in groups.items() if dependencies}


def required_projects(requires: Iterable[str]) -> frozenset[NormalizedName]:
    """The projects that valid requirements name.

    Args:
        requires: the requirements, as written (PEP 508).
    """
    found = (_parsed(text)[1].project for text in requires)
    return frozenset(project for project in found if project is not None)


@lru_cache(maxsize=1 << 12)  # a rebuild meets the same requirements in many projects
def _parsed(text: str) -> tuple[Collection[str], Dependency]:
    """The extras that ask for a requirement, or "", and the requirement."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return ("",), Dependency(None, text, "")
    asking, marker = _without_extras(str(requirement.marker or ""))
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    rest = f"{extras} {requirement.specifier}".rstrip()
    if requirement.url:
        rest = f"{extras} @ {requirement.url}"
    if marker:
        rest = f"{rest}; {marker}"
    dependency = Dependency(canonicalize_name(requirement.name), requirement.name, rest)
    return asking, dependency


def _without_extras(marker: str) -> tuple[Collection[str], str]:
    """The extras that a marker names, and the rest of it; all of it if it is no simple one."""
    marker = _REVERSED.sub(r"extra == \1", marker)
    extras = dict.fromkeys(_EXTRA.findall(marker)) or {"": None}
    if _ONLY_EXTRAS.fullmatch(marker):
        return extras, ""
    if match := _WITH_EXTRAS.fullmatch(marker):
        rest: str = match["after"] or match["before"]
        # "and" binds tighter than "or".
        if not _EXTRA.search(rest) and " or " not in _GROUP.sub("", rest):
            group = _GROUP.fullmatch(rest)
            return extras, group[1] if group else rest
    return extras, marker
