"""Parse Requires-Python as pip and uv do. Pure.

pip ignores a value that it cannot parse. uv first repairs common mistakes, and refuses the file if
it still cannot parse the value.
"""

import re
from functools import lru_cache
from typing import Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

MAX_LENGTH: Final = 512

# Mistakes in old releases that uv repairs.
_STAR_AFTER_ORDER: Final = re.compile(r"(?<![!=<>~])([<>]=?[0-9]+(?:\.[0-9]+)*)\.\*")
_NO_DOT: Final = re.compile(r"(?<=[0-9]\.[0-9])\*")
_NO_COMMA: Final = re.compile(r"(?<=[0-9])(?=[<>=!~])")
_QUOTES: Final = str.maketrans("", "", "'\"")


@lru_cache(maxsize=1024)
def valid_specifier(text: str | None) -> str | None:
    """Return a Requires-Python unchanged if both pip and uv can parse it, else None."""
    return text if text and _parses(text) else None


@lru_cache(maxsize=1024)
def is_readable_for_uv(text: str) -> bool:
    """Return whether uv can parse this Requires-Python, after its repairs."""
    if _parses(text):
        return True
    repaired = _STAR_AFTER_ORDER.sub(r"\1", _NO_COMMA.sub(",", text))
    repaired = _NO_DOT.sub(".*", repaired).translate(_QUOTES)
    return repaired.strip() in {"", ","} or _parses(repaired)


def _parses(text: str) -> bool:
    """Return whether a text is a list of specifiers; only the last one may be empty."""
    if len(text) > MAX_LENGTH or not (text.isascii() and text.isprintable()):
        return False
    clauses = [clause.strip() for clause in text.split(",")]
    if not clauses[-1]:
        clauses.pop()
    try:
        SpecifierSet(text)
        for clause in clauses:
            if clause.startswith("==="):  # arbitrary equality; uv only supports valid versions
                Version(clause.removeprefix("===").strip())
    except (InvalidSpecifier, InvalidVersion):
        return False
    return bool(clauses) and all(clauses)
