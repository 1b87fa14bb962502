"""Check that pip and uv can read the entry points of a wheel. Pure.

The format is https://packaging.python.org/en/latest/specifications/entry-points/. pip raises
an exception for some malformed files, and uv refuses others.
"""

import re
from typing import Final

from s3pypi.distributions.errors import InvalidDistributionError

_SECTION: Final = re.compile(r"\[[^\]]+\]")
_SCRIPTS: Final = {"[console_scripts]", "[gui_scripts]"}
_OBJECT: Final = re.compile(r"[\w.-]+:[\w.-]+(?:\s+\[[^\]]*\])?")
_SHOWN: Final = 80


def check_entry_points(content: bytes) -> None:
    """Check an entry_points.txt file.

    Raises:
        InvalidDistributionError: pip or uv refuses the wheel because of it.
    """
    section: str | None = None
    seen: set[tuple[str | None, str]] = set()
    for line in map(str.strip, content.decode("utf-8").splitlines()):  # `archives` translates
        if not line or line.startswith("#") or (line.startswith(";") and section is None):
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if _SECTION.fullmatch(line):
            section, name = line, ""
        elif not _is_entry(section, name, equals, value):
            raise _refused(line)
        if (section, name) in seen:
            raise _refused(line)
        seen.add((section, name))


def _is_entry(section: str | None, name: str, equals: str, value: str) -> bool:
    if section is None or not name or not equals:
        return False
    return section not in _SCRIPTS or bool(_OBJECT.fullmatch(value) and _is_filename(name))


def _is_filename(name: str) -> bool:
    return "/" not in name and "\\" not in name and name not in {".", ".."}


def _refused(line: str) -> InvalidDistributionError:
    return InvalidDistributionError(f"its entry_points.txt has the invalid line {line[:_SHOWN]!r}")
