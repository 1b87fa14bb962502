"""Parse the fields of METADATA or PKG-INFO that an index needs, within limits. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from packaging.utils import NormalizedName
from packaging.version import InvalidVersion, Version

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import project_name
from s3pypi.distributions.headers import read_fields
from s3pypi.distributions.requires_python import is_readable_for_uv, valid_specifier

MAX_METADATA_MAJOR: Final = 2
MAX_FIELD: Final = 512  # bytes of a field that an index needs
_FIELDS: Final = (
    "metadata-version",
    "name",
    "version",
    "requires-python",
    "dynamic",
    "content-type",
)
_MAJOR: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """The fields of METADATA or PKG-INFO that an index needs.

    Attributes:
        name: The normalized name.
        version: The version.
        requires_python: The specifier as written; None if it is absent, declared Dynamic (PEP 643),
            or pip cannot parse it.
        notice: A warning about the file, which is listed nevertheless; None if there is none.
    """

    name: NormalizedName
    version: Version
    requires_python: str | None
    notice: str | None = None


def parse_metadata(metadata: bytes, *, sdist: bool) -> CoreMetadata:
    """Parse METADATA or PKG-INFO, leniently where installers do not need a field.

    Args:
        metadata: The content of the file.
        sdist: Whether the file is from an sdist. Building an sdist may change fields that are
            declared Dynamic; those of a wheel are final (PEP 643).

    Raises:
        InvalidDistributionError: pip or uv cannot use the metadata.
    """
    fields = {name: _texts(name, values) for name, values in read_fields(metadata, _FIELDS).items()}
    if not sdist:
        _check_readable(metadata, fields.get("content-type", [""])[0])
    major = _MAJOR.match(fields.get("metadata-version", [""])[0])
    if major and int(major[0]) > MAX_METADATA_MAJOR:
        raise InvalidDistributionError(f"its Metadata-Version {major[0]} is newer than this index")
    try:
        name = project_name(_one(fields, "name"))
    except ValueError as error:
        raise InvalidDistributionError(f"its metadata has no valid Name: {error}") from error
    try:
        version = Version(_one(fields, "version"))
    except InvalidVersion as error:
        raise InvalidDistributionError("its metadata has no valid Version") from error
    requires_python = fields.get("requires-python", [""])[0]
    if sdist and "requires-python" in {field.lower() for field in fields.get("dynamic", [])}:
        requires_python = ""
    if not requires_python:
        return CoreMetadata(name, version, None)
    if not is_readable_for_uv(requires_python):
        raise InvalidDistributionError(f"uv cannot read its Requires-Python {requires_python!r}")
    valid = valid_specifier(requires_python)
    notice = None
    if valid is None:
        notice = f"pip cannot read its Requires-Python {requires_python!r}; it is left out"
    return CoreMetadata(name, version, valid, notice)


def _texts(name: str, values: list[bytes]) -> list[str]:
    if name != "dynamic" and any(len(value) > MAX_FIELD for value in values):
        raise InvalidDistributionError(f"a field of its metadata is longer than {MAX_FIELD} bytes")
    return [value.decode("utf-8", "replace") for value in values]


def _one(fields: dict[str, list[str]], name: str) -> str:
    """Return the value of a field that must be unique, because readers differ on duplicates."""
    values = fields.get(name, [])
    if len(set(values)) > 1:
        raise InvalidDistributionError(f"its metadata has more than one {name.capitalize()}")
    return values[0] if values else ""


def _check_readable(metadata: bytes, content_type: str) -> None:
    """Refuse metadata that pip cannot decode, or parses as a multipart message."""
    try:
        metadata.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidDistributionError("its METADATA is not in UTF-8, which pip needs") from error
    if content_type.strip().lower().startswith(("multipart", "message")):
        raise InvalidDistributionError("its METADATA has a Content-Type on which pip can fail")
