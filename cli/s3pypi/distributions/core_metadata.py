"""Core metadata: the few fields of METADATA or PKG-INFO that an index needs; pure and bounded."""

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
MAX_FIELD: Final = 512  # of those that an index needs, in bytes
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
        name: normalised.
        version: parsed.
        requires_python: the specifier as written, None when it is absent, pip cannot parse it,
            or it is declared Dynamic (PEP 643).
        notice: something to report that is no reason to refuse the file, None if there is nothing.
    """

    name: NormalizedName
    version: Version
    requires_python: str | None
    notice: str | None = None


def parse_metadata(metadata: bytes, *, sdist: bool) -> CoreMetadata:
    """Parse METADATA or PKG-INFO, leniently in all that installers do not need.

    Args:
        metadata: the bytes.
        sdist: its fields may be others when it is built, if they are declared Dynamic; in a wheel
            they are final (PEP 643). Installers read METADATA, and for an sdist what it builds.

    Raises:
        InvalidDistributionError: pip or uv cannot use it; the text is the reason.
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
    """Return the value of a field that all readers find: of several, they take different ones."""
    values = fields.get(name, [])
    if len(set(values)) > 1:
        raise InvalidDistributionError(f"its metadata has more than one {name.capitalize()}")
    return values[0] if values else ""


def _check_readable(metadata: bytes, content_type: str) -> None:
    """Refuse what pip cannot decode, and what its parser takes for messages inside of messages."""
    try:
        metadata.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidDistributionError("its METADATA is not in UTF-8, which pip needs") from error
    if content_type.strip().lower().startswith(("multipart", "message")):
        raise InvalidDistributionError("its METADATA has a Content-Type on which pip can fail")
