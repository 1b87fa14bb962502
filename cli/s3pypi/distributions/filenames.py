"""Parse the project and version in a filename, as installers do. Pure.

The rules are the binary distribution format for wheels, PEP 625 for sdists, and pip's rule for
older
sdists: the version begins after the first hyphen whose left side is the project's name.
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
MAX_FILENAME: Final = 255  # bytes, the limit of most file systems
MAX_PROJECT_NAME: Final = 128  # characters
MAX_TAGS: Final = 256  # in the product of a wheel's tag sets, which installers compute
_TAGS: Final = re.compile(
    r"(?:[0-9][A-Za-z0-9_.]*-)?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
    r"(?:-[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*){2}\.whl"
)
_STRICT_SDIST: Final = re.compile(r"[^-]+-[^-]+(?:\.tar\.gz|\.zip)")


def is_distribution(filename: str) -> bool:
    """Return whether a filename has the extension of a wheel or an sdist.

    Returns False for names longer than `MAX_FILENAME`, which installers cannot store.
    """
    return filename.endswith(EXTENSIONS) and len(filename) <= MAX_FILENAME


def is_wheel(filename: str) -> bool:
    """Return whether a filename has the extension of a wheel."""
    return filename.endswith(WHEEL)


def project_name(text: str) -> NormalizedName:
    """Normalize a project name (PEP 503).

    Raises:
        ValueError: The name is invalid or too long.
    """
    name = canonicalize_name(text, validate=True)
    if len(name) > MAX_PROJECT_NAME:
        raise ValueError(f"the project's name is longer than {MAX_PROJECT_NAME} characters")
    return name


def names_project(filename: str, project: NormalizedName) -> bool:
    """Return whether a distribution's filename begins with a project's name.

    A directory that contains such a file belongs to the project, even if the file cannot be listed
    because the rest of its name, or its content, is invalid.
    """
    if filename.endswith(WHEEL):
        return canonicalize_name(filename.partition("-")[0]) == project
    return any(
        canonicalize_name(filename[: match.start()]) == project
        for match in re.finditer("-", filename)
    )


def version_in(filename: str, project: NormalizedName) -> Version:
    """Return the version of a distribution in a project's directory.

    Args:
        filename: A filename with one of `EXTENSIONS`.
        project: The project of the directory.

    Raises:
        InvalidDistributionError: The filename is malformed, or belongs to another project.
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
    """Return the project of a distribution, by its filename alone.

    Returns:
        The project; None for an sdist whose filename does not contain exactly one hyphen, because
        only its metadata can tell where the name ends.

    Raises:
        InvalidDistributionError: The filename is malformed.
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
    if filename.endswith(".tar.whl"):  # pip treats it as one extension
        raise InvalidDistributionError("not a valid wheel filename: it ends in .tar.whl")
    name, _, rest = filename.partition("-")
    version, _, tags = rest.partition("-")
    try:
        # The parts are valid or invalid independently. Caching each of them saves time: ten
        # thousand files have a thousand versions and few tags.
        _check_tags(tags)
        return _wheel_project(name), _wheel_version(version)
    except (InvalidWheelFilename, ValueError) as error:
        raise InvalidDistributionError(f"not a valid wheel filename: {error}") from error


@lru_cache(maxsize=4096)
def _wheel_project(name: str) -> NormalizedName:
    parse_wheel_filename(f"{name}-1-py3-none-any.whl")
    return project_name(name)


@lru_cache(maxsize=4096)
def _wheel_version(version: str) -> Version:
    return Version(version)


@lru_cache(maxsize=4096)
def _check_tags(tags: str) -> None:
    """Check the part after the version: an optional build number, and three tag sets."""
    if not _TAGS.fullmatch(tags):
        raise InvalidWheelFilename(
            "its tags must be three sets of letters, digits and _, separated by dots,"
            " after an optional build number that begins with a digit"
        )
    sets = tags.removesuffix(WHEEL).split("-")[-3:]
    count = prod(one.count(".") + 1 for one in sets)
    if count > MAX_TAGS:
        raise InvalidWheelFilename(f"it expands to {count} tags, more than {MAX_TAGS}")


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
