"""A project's dependencies, by the extra that asks for them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_EXTRA: Final = re.compile(r"""\bextra\s*==\s*["']([^"']*)["']""")
_ONLY_EXTRA: Final = re.compile(rf"\s*(?:and\s+)?{_EXTRA.pattern}\s*(?:and\s+)?")


@dataclass(frozen=True, slots=True)
class Dependency:
    """One requirement.

    Attributes:
        project: its normalised name; empty if the requirement is no valid one.
        name: as written.
        rest: what follows the name, without the extra that asks for it.
    """

    project: str
    name: str
    rest: str


def by_extra(requires: Iterable[str]) -> dict[str, list[Dependency]]:
    """Group requirements by extra, in their order; those without an extra come first, under "".

    Args:
        requires: the requirements, as written (PEP 508).
    """
    groups: dict[str, list[Dependency]] = {"": []}
    for text in requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            groups[""].append(Dependency("", text, ""))
            continue
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
        groups.setdefault(extra[1] if extra else "", []).append(dependency)
    return {extra: dependencies for extra, dependencies in groups.items() if dependencies}
