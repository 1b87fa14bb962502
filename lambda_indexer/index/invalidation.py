"""Which paths the CDN has to forget when files change or go; pure."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from s3pypi.distributions.filenames import is_wheel
from s3pypi.layout import SIDECAR_EXTENSION, DirectoryPath

MAX_PATHS: Final = 60
"""Paths of one directory; beyond that it is invalidated as a whole, for each path costs money."""

_MAX_WILDCARDS: Final = 10
"""CloudFront has 15 invalidations with wildcards in progress at most."""

_MAX_IN_ALL: Final = 1000
"""Paths of one invalidation; CloudFront has 3,000 in progress at most."""


def everything_in(directory: DirectoryPath) -> str:
    """The path of a whole directory."""
    return f"/{_encode(directory, safe='/+!')}*"


def paths_of(directory: DirectoryPath, filenames: Iterable[str]) -> frozenset[str]:
    """The paths of files and of their sidecars.

    Clients ask for `%2B` and `%21`, as the pages have them; AWS says that only what RFC 1738 calls
    unsafe should be encoded. So names with such a character are given in both spellings:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation_Requests.html

    Args:
        directory: where the files are.
        filenames: of distributions.
    """
    names = [name + end for name in filenames for end in _ends(name)]
    paths = frozenset(
        f"/{_encode(directory, safe='/' + safe)}{_encode(name, safe=safe)}"
        for name in names
        for safe in ("", "+!")
    )
    return paths if len(paths) <= MAX_PATHS else frozenset({everything_in(directory)})


def together(paths: Iterable[str]) -> list[str]:
    """Fewer paths that cover all of these, within the limits of one invalidation; sorted."""
    paths = set(paths)
    wild = {path[:-1] for path in paths if path.endswith("*")}
    if len(wild) > _MAX_WILDCARDS:
        return ["/*"]
    covered = {path for path in paths if any(path.startswith(w) and path != f"{w}*" for w in wild)}
    rest = paths - covered
    return sorted(rest) if len(rest) <= _MAX_IN_ALL else ["/*"]


def _ends(filename: str) -> tuple[str, ...]:
    return ("", SIDECAR_EXTENSION) if is_wheel(filename) else ("",)


def _encode(text: str, *, safe: str) -> str:
    # Python leaves `~` as it is, and CloudFront refuses it.
    return quote(text, safe=safe).replace("~", "%7E")
