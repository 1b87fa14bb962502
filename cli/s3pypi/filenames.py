"""What a distribution's filename says: its project and its version."""

from packaging.utils import (
    InvalidName,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from s3pypi.errors import FilenameError, UsageError

WHEEL = ".whl"
SDISTS = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz")
EXTENSIONS = (WHEEL, *SDISTS)


def parse_project(text: str) -> NormalizedName:
    """Return the normalised form of a project's name.

    Raises:
        UsageError: It is not a valid name.
    """
    try:
        # The pattern ignores case, which lets letters through that are none of ASCII's.
        return canonicalize_name(text if text.isascii() else "", validate=True)
    except InvalidName as error:
        raise UsageError(f"not a project's name: {text!r}") from error


def parse_version(text: str) -> Version:
    """Return a version.

    Raises:
        UsageError: It is not a valid one.
    """
    try:
        return Version(text)
    except InvalidVersion as error:
        raise UsageError(f"not a version: {text!r}") from error


def extension_of(filename: str) -> str:
    """Return which of `EXTENSIONS` a filename ends in.

    Raises:
        FilenameError: It ends in none of them, or could not be a key and a link as it stands.
    """
    if not filename.isascii() or not filename.isprintable() or set("/\\") & set(filename):
        raise FilenameError(f"{filename!r} has characters other than printable ASCII, or a slash")
    for extension in EXTENSIONS:
        if filename.endswith(extension) and not filename.startswith("."):
            return extension
    raise FilenameError(f"not a distribution; their names end in {', '.join(EXTENSIONS)}")


def parse_wheel(filename: str) -> tuple[NormalizedName, Version]:
    """Return a wheel's project and version (binary distribution format).

    Raises:
        FilenameError: The filename is not a wheel's.
    """
    try:
        project, version, _build, _tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, InvalidVersion) as error:
        raise FilenameError(str(error)) from error
    return project, version


def version_of(filename: str, project: NormalizedName) -> Version:
    """Return the version of a distribution that is known to be one of `project`.

    The project and version of an sdist are parted at the first hyphen whose left side is the
    project's name: pip's rule, and the only one that reads `my-project-1.0-1.tar.gz` rightly.

    Raises:
        FilenameError: It is no distribution's filename, or one of another project.
    """
    extension = extension_of(filename)
    if extension == WHEEL:
        named, version = parse_wheel(filename)
        if named != project:
            raise FilenameError(f"{filename!r} is a file of project {named!r}, not of {project!r}")
        return version
    stem = filename.removesuffix(extension)
    for position, character in enumerate(stem):
        if character == "-" and canonicalize_name(stem[:position]) == project:
            try:
                return Version(stem[position + 1 :])
            except InvalidVersion as error:
                raise FilenameError(f"{filename!r} has no valid version: {error}") from error
    raise FilenameError(f"{filename!r} does not begin with the name of project {project!r}")
