"""Where the index's verdict is another than that of pip and uv, and why it stays so.

docs/architecture.md has this table, too.
"""

from typing import Final

# Name: a sign by which it is known, and the reason.
STRICTER: Final = {
    "blanks in a filename": (
        r"is not a version|consists of printable ASCII",
        "pip and uv strip them from the version; URLs and shells do not",
    ),
    "two different names or versions in METADATA": (
        r"more than one (Name|Version)",
        "pip and uv take the first, other readers take the last or neither; PyPI refuses it",
    ),
    "a Content-Type of messages in METADATA": (
        r"Content-Type on which pip can fail",
        "pip reads simple ones, and ends with an exception at others",
    ),
    "a Metadata-Version of 3 or more": (
        r"newer than this index",
        "the specification tells tools to fail",
    ),
    "a Requires-Python that only uv's repairs make readable": (
        r"uv cannot read its Requires-Python",
        "the repairs for what is found in old releases are known to the index, the others are not",
    ),
    "names that differ only in their case": (
        r"differ only in their case|[.]dist-info directories, not one",
        "macOS and Windows would unpack one over the other",
    ),
    "a member outside of the wheel": (
        r"an absolute path, or contains",
        "uv passes over it; pip refuses the wheel when it comes to install it",
    ),
    "a member with a backslash in its name": (
        r"has a NUL or a backslash",
        "Python takes it for a slash on Windows",
    ),
    "members that are described twice": (
        r"have the same name|has another name",
        "some readers take the first and some take the last",
    ),
    "something before, between or behind the members": (
        "data after|does not begin|stated offset|overlap|contradict|the local header of its",
        "readers that look for the directory, and those that read from the front, see other files",
    ),
}
"""What pip and uv install and the index does not offer: a sign in its reason, and why."""

LOOSER: Final = {
    "a .tar.bz2 or .tar.xz": (
        r"^[^\n]*\.tar\.(bz2|xz)\n",
        "pip installs it, and so do older versions of uv; newer ones pass over it (PEP 625)",
    ),
    "a member that is damaged, other than METADATA, WHEEL and RECORD": (
        r"^$",
        "the index would have to read all of a large file",
    ),
    "an invalid Requires-Dist": (
        r"Requires-Dist",
        "pip and uv pass over the version, or install it with --no-deps",
    ),
}
"""What the index offers and pip or uv refuses: a sign in the filename or the file, and why."""
