"""Where the index intentionally differs from pip and uv, and why.

docs/architecture.md contains the same table.
"""

from typing import Final

# Name: a pattern to recognise it, and the reason.
STRICTER: Final = {
    "blanks in a filename": (
        r"is not a version|consists of printable ASCII",
        "pip and uv strip them from the version; URLs and shells do not",
    ),
    "two different names or versions in METADATA": (
        r"more than one (Name|Version)",
        "pip and uv use the first, other readers the last or neither; PyPI refuses it",
    ),
    "a multipart Content-Type in METADATA": (
        r"Content-Type on which pip can fail",
        "pip reads some of these files, and raises an exception for others",
    ),
    "a Metadata-Version of 3 or more": (
        r"newer than this index",
        "the specification tells tools to fail",
    ),
    "a Requires-Python that only uv's repairs make readable": (
        r"uv cannot read its Requires-Python",
        "the index knows the repairs for values in old releases, but not all of uv's",
    ),
    "names that differ only in their case": (
        r"differ only in their case|[.]dist-info directories, not one",
        "on macOS and Windows, one would overwrite the other",
    ),
    "a member outside of the wheel": (
        r"an absolute path, or contains",
        "uv skips the member; pip refuses to install the wheel",
    ),
    "a member with a backslash in its name": (
        r"has a NUL or a backslash",
        "on Windows, Python treats it as a slash",
    ),
    "members that are described twice": (
        r"have the same name|has another name",
        "some readers use the first and some the last",
    ),
    "data before, between or after the members": (
        "data after|does not begin|stated offset|overlap|contradict|the local header of its",
        "readers that use the directory and readers that read from the front see different files",
    ),
}
"""What pip and uv install and the index does not offer: a pattern of the reason, and why."""

LOOSER: Final = {
    "a .tar.bz2 or .tar.xz": (
        r"^[^\n]*\.tar\.(bz2|xz)\n",
        "pip installs it, and so do older versions of uv; newer versions skip it (PEP 625)",
    ),
    "a member that is damaged, other than METADATA, WHEEL and a RECORD of up to 1 MiB": (
        r"^$",
        "the index would have to read all of a large file",
    ),
    "an invalid Requires-Dist": (
        r"Requires-Dist",
        "pip and uv skip the version, or install it with --no-deps",
    ),
}
"""What the index offers and pip or uv refuses: a pattern of the name or the file, and why."""
