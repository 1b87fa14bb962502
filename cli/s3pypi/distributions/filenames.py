"""From a filename to its project and version, as installers will read it; pure.

The rules are those of the binary distribution format, PEP 625 for sdists, and for older sdists
pip's own: the version begins after the first hyphen whose left side is the project's name.
"""

import re
from functools import lru_cache
from math import prod
from typing import Final

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from s3pypi.distributions.errors import InvalidDistributionError

WHEEL: Final = ".whl"
SDISTS: Final = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz")
EXTENSIONS: Final = (WHEEL, *SDISTS)
MAX_FILENAME: Final = 255  # bytes; what file systems allow, on which installers store it
MAX_PROJECT_NAME: Final = 128  # characters
MAX_TAGS: Final = 256  # that the sets in a wheel's name stand for; installers make them all
_TAGS: Final = re.compile(
    r"(?:[0-9][A-Za-z0-9_.]*-)?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
    r"(?:-[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*){2}\.whl"
)
_STRICT_SDIST: Final = re.compile(r"[^-]+-[^-]+(?:\.tar\.gz|\.zip)")


def is_distribution(filename: str) -> bool:
    """Whether a file of this name is meant to be a wheel or an sdist.

    A longer name than `MAX_FILENAME` is none: no installer can store such a file.
    """
    return filename.endswith(EXTENSIONS) and len(filename) <= MAX_FILENAME


def is_wheel(filename: str) -> bool:
    """Whether a file of this name is meant to be a wheel."""
    return filename.endswith(WHEEL)


def project_name(text: str) -> NormalizedName:
    """Normalise the name of a project (PEP 503).

    Raises:
        ValueError: It is not valid, or too long.
    """
    name = canonicalize_name(text, validate=True)
    if len(name) > MAX_PROJECT_NAME:
        raise ValueError(f"the project's name is longer than {MAX_PROJECT_NAME} characters")
    return name


def names_project(filename: str, project: NormalizedName) -> bool:
    """Whether a distribution's filename begins with the name of a project.

    Such a file makes its directory that project's, even if it cannot be listed there because the
    rest of its name, or its content, is wrong.
    """
    if filename.endswith(WHEEL):
        return canonicalize_name(filename.partition("-")[0]) == project
    return any(
        canonicalize_name(filename[: match.start()]) == project
        for match in re.finditer("-", filename)
    )


def version_in(filename: str, project: NormalizedName) -> Version:
    """The version of a distribution that lies in the directory of a project.

    Args:
        filename: with one of `EXTENSIONS`.
        project: the directory's project.

    Raises:
        InvalidDistributionError: the name is malformed, or is that of another project's file.
    """
    _check_characters(filename)
    if filename.endswith(WHEEL):
        name, version = _parse_wheel(filename)
        if name != project:
            raise InvalidDistributionError(
                f"this file belongs to the project {name!r}, not to {project!r}"
            )
        return version
    stem = _sdist_stem(filename)
    for hyphen in (match.start() for match in re.finditer("-", stem)):
        if canonicalize_name(stem[:hyphen]) == project:
            return _parse_version(stem[hyphen + 1 :])
    raise InvalidDistributionError(f"the filename does not begin with {project}- and a version")


def project_of(filename: str) -> NormalizedName | None:
    """The project of a distribution that lies anywhere.

    Returns:
        None when only the archive itself can tell: for an sdist whose name has not exactly one
        hyphen, a filename cannot be split for certain.

    Raises:
        InvalidDistributionError: the filename is malformed.
    """
    _check_characters(filename)
    if filename.endswith(WHEEL):
        return _parse_wheel(filename)[0]
    _sdist_stem(filename)
    if not _STRICT_SDIST.fullmatch(filename):
        return None
    try:
        return project_name(parse_sdist_filename(filename)[0])
    except (InvalidSdistFilename, ValueError):
        return None


def _check_characters(filename: str) -> None:
    if len(filename.encode("utf-8", "replace")) > MAX_FILENAME:
        raise InvalidDistributionError(f"the filename is longer than {MAX_FILENAME} bytes")
    printable = filename.isascii() and filename.isprintable()
    if not printable or filename.startswith((".", " ")) or "/" in filename or "\\" in filename:
        raise InvalidDistributionError(
            "a filename consists of printable ASCII characters without slashes,"
            " and does not begin with a dot or a space"
        )


def _parse_wheel(filename: str) -> tuple[NormalizedName, Version]:
    if filename.endswith(".tar.whl"):  # which pip takes for one extension
        raise InvalidDistributionError("not a valid wheel filename: it ends in .tar.whl")
    name, _, rest = filename.partition("-")
    version, _, tags = rest.partition("-")
    try:
        # Ten thousand files have a thousand versions and a few tags. What stands before the second
        # hyphen and what stands after it are valid or not each by itself.
        _check_tags(tags)
        return _parse_release(name, version)
    except (InvalidWheelFilename, ValueError) as error:
        raise InvalidDistributionError(f"not a valid wheel filename: {error}") from error


@lru_cache(maxsize=4096)
def _parse_release(name: str, version: str) -> tuple[NormalizedName, Version]:
    _, release, _, _ = parse_wheel_filename(f"{name}-{version}-py3-none-any.whl")
    return project_name(name), release


@lru_cache(maxsize=4096)
def _check_tags(tags: str) -> None:
    """Check what follows the version: an optional build number, and three sets of tags."""
    if not _TAGS.fullmatch(tags):
        raise InvalidWheelFilename(
            "its tags are three sets of letters, digits and _, parted by dots,"
            " with a build number in front that begins with a digit"
        )
    sets = tags.removesuffix(WHEEL).split("-")[-3:]
    count = prod(one.count(".") + 1 for one in sets)
    if count > MAX_TAGS:
        raise InvalidWheelFilename(f"it stands for {count} tags, more than {MAX_TAGS}")


def _parse_version(text: str) -> Version:
    try:
        if text != text.strip():
            raise InvalidVersion(text)
        return Version(text)
    except ValueError as error:  # packaging's InvalidVersion, or more digits than Python reads
        raise InvalidDistributionError(f"{text!r} is not a version (PEP 440)") from error


def _sdist_stem(filename: str) -> str:
    extension = next((e for e in EXTENSIONS if filename.endswith(e)), None)
    if extension is None:
        raise InvalidDistributionError(
            f"not a distribution; their names end in {', '.join(EXTENSIONS)}"
        )
    return filename.removesuffix(extension)
