"""The header fields of METADATA, PKG-INFO and WHEEL, read as installers read them; pure.

The format is that of e-mail headers (PEP 566). Python's own parser for these reads a body as well,
which has no place here and on which it can be made to raise or to recurse. This one stops at the
body, keeps only the fields that are asked for, and takes time in proportion to the length.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

MAX_LINES: Final = 1000  # of a value; those beyond are left out, for no field of use has so many
_LINE: Final = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BLANK: Final = (b" ", b"\t")


def read_fields(content: bytes, wanted: Collection[str]) -> Mapping[str, list[bytes]]:
    """Return the values of some fields, each field's in the order in which they stand.

    Args:
        content: the file.
        wanted: names in lower case; only these are in the result.

    Returns:
        The values, without the blanks before them and the line break behind them; a value of
        several lines keeps the breaks in between.
    """
    found: dict[str, list[list[bytes]]] = {}
    last: list[bytes] | None = None  # the value to which a continuation line belongs, if wanted
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
            break  # the body begins: after an empty line, or with one that is no header
        field = name.decode("ascii").lower()
        last = [value] if field in wanted else None
        if last is not None:
            found.setdefault(field, []).append(last)
    return {
        field: [b"".join(lines).lstrip(b" \t\r\n").rstrip(b"\r\n") for lines in values]
        for field, values in found.items()
    }


def _is_name(name: bytes) -> bool:
    """Whether this is printable ASCII without blanks (RFC 5322, section 3.6.8)."""
    return name.isascii() and name.decode("ascii").isprintable() and b" " not in name
