"""Format what both pages say of a file, and escape texts."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from markupsafe import escape

_UNRESERVED: Final = re.compile(r"[A-Za-z0-9_.~-]*")  # RFC 3986; most filenames, and quick to see


@lru_cache(maxsize=1 << 15)
def file_url(filename: str) -> str:
    """The URL of a file, relative to its project's page.

    Every character but the unreserved is encoded: S3 reads a raw `+` in a path as a space.
    """
    return filename if _UNRESERVED.fullmatch(filename) else quote(filename, safe="")


@lru_cache(maxsize=1 << 15)
def timestamp(time: datetime) -> str:
    """Format an aware UTC time for PEP 700, with no fraction or with six digits."""
    return time.isoformat().removesuffix("+00:00") + "Z"


def human_size(size: int) -> str:
    """Format a number of bytes for people, with at most three digits and decimal units."""
    if size < 1000:  # noqa: PLR2004 - the units are decimal
        return f"{size} B"
    value, units = size / 1000, iter(("kB", "MB", "GB"))
    unit = next(units)
    while value >= 999.5:  # noqa: PLR2004 - which would be shown as 1000
        larger = next(units, None)
        if larger is None:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if value >= 9.95 else f"{value:.1f} {unit}"  # noqa: PLR2004


def escaped(texts: Iterable[str]) -> list[str]:
    """Escape many texts for HTML in one call."""
    texts = list(texts)
    escaped = str(escape("\n".join(texts))).split("\n")
    if len(escaped) == len(texts):
        return escaped
    # One of them has lines of its own, or none is there.
    return [str(escape(text)) for text in texts]
