"""Parse the header fields of METADATA, PKG-INFO and WHEEL, as installers do. Pure.

The format is that of e-mail headers (PEP 566). Python's e-mail parser also parses the body, where
hostile input can make it raise or recurse. This parser stops at the body, keeps only the requested
fields, and takes linear time.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

MAX_LINES: Final = 1000  # of a value; further lines are dropped
_LINE: Final = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BLANK: Final = (b" ", b"\t")


def read_fields(content: bytes, wanted: Collection[str]) -> Mapping[str, list[bytes]]:
    """Return the values of some fields, in the order of the file.

    Args:
        content: The content of the file.
        wanted: The names of the fields, in lower case.

    Returns:
        The values by name, without leading blanks and the trailing line break; values of several
        lines keep the line breaks between them.
    """
    found: dict[str, list[list[bytes]]] = {}
    last: list[bytes] | None = None  # the value that a continuation line extends, if wanted
    for match in _LINE.finditer(content):
        line = match[0]
        if line[:1] in _BLANK:
            if last is not None and len(last) < MAX_LINES:
                last.append(line)
            continue
        if line.startswith(b"From "):
            last = None
            continue
        name, colon, value = line.partition(b":")
        if not colon or not _is_name(name):
            break  # the body begins after an empty line, or with a line that is not a header
        field = name.decode("ascii").lower()
        last = [value] if field in wanted else None
        if last is not None:
            found.setdefault(field, []).append(last)
    return {
        field: [b"".join(lines).lstrip(b" \t\r\n").rstrip(b"\r\n") for lines in values]
        for field, values in found.items()
    }


def _is_name(name: bytes) -> bool:
    """Return whether a name is printable ASCII without blanks (RFC 5322, section 3.6.8)."""
    return name.isascii() and name.decode("ascii").isprintable() and b" " not in name
