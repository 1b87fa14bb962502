"""A project's dependencies, by extra."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

_EXTRA: Final = re.compile(r"""\bextra\s*==\s*["']([^"']*)["']""")
_ONLY_EXTRA: Final = re.compile(rf"\s*(?:and\s+)?{_EXTRA.pattern}\s*(?:and\s+)?")


@dataclass(frozen=True, slots=True)
class Dependency:
    """One requirement.

    Attributes:
        project: its normalised name; None if the requirement is no valid one.
        name: as written.
        rest: what follows the name, without the extra that asks for it.
    """

    project: NormalizedName | None
    name: str
    rest: str


def by_extra(requires: Iterable[str]) -> dict[str, list[Dependency]]:
    """Group requirements by extra, in their order; those without an extra come first, under "".

    Args:
        requires: the requirements, as written (PEP 508).
    """
    groups: dict[str, list[Dependency]] = {"": []}
    for text in requires:
        extra, dependency = _parsed(text)
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
def _parsed(text: str) -> tuple[str, Dependency]:
    """The extra that asks for a requirement, or "", and the requirement."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return "", Dependency(None, text, "")
    marker = str(requirement.marker or "")
    extra = _EXTRA.search(marker)
    if extra:
        marker = _ONLY_EXTRA.sub(" ", marker).strip()
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    rest = f"{extras} {requirement.specifier}".rstrip()
    if requirement.url:
        rest = f"{extras} @ {requirement.url}"
    if marker:
        rest = f"{rest}; {marker}"
    dependency = Dependency(canonicalize_name(requirement.name), requirement.name, rest)
    return extra[1] if extra else "", dependency
