"""Core metadata: the few fields of METADATA or PKG-INFO that an index needs; pure and bounded."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from packaging.metadata import parse_email
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from s3pypi.distributions.archives import one_at_a_time
from s3pypi.distributions.errors import InvalidDistributionError

MAX_METADATA_MAJOR: Final = 2
MAX_FIELD: Final = 512  # of metadata that an index needs, in characters
MAX_FIELDS: Final = 200  # of different names


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """The fields of METADATA or PKG-INFO that an index needs.

    Attributes:
        name: normalised.
        version: parsed.
        requires_python: the specifier as written, None when it is absent, cannot be parsed,
            or is declared Dynamic (PEP 643).
        notice: something to report that is no reason to refuse the file, None if there is nothing.
    """

    name: NormalizedName
    version: Version
    requires_python: str | None
    notice: str | None = None


def parse_metadata(metadata: bytes, *, sdist: bool) -> CoreMetadata:
    """Parse METADATA or PKG-INFO, leniently in all that an index does not need.

    Args:
        metadata: the bytes.
        sdist: a field that an sdist declares Dynamic may be another when it is built; in a wheel
            it is final (PEP 643).

    Raises:
        InvalidDistributionError: no usable Name or Version, or a metadata version of the future.
    """
    _check_fields(metadata)
    with one_at_a_time:
        raw, _ = parse_email(metadata)
    for value in (raw.get("metadata_version"), raw.get("name"), raw.get("version")):
        if value is not None and len(value) > MAX_FIELD:
            raise InvalidDistributionError(f"a field of its metadata is longer than {MAX_FIELD}")
    written = raw.get("metadata_version", "1.0")
    if not written.partition(".")[0].isdecimal():
        raise InvalidDistributionError(f"its Metadata-Version {written!r} is not a version")
    if int(written.partition(".")[0]) > MAX_METADATA_MAJOR:
        raise InvalidDistributionError(f"its Metadata-Version {written} is newer than this index")
    try:
        name = canonicalize_name(raw.get("name", ""), validate=True)
    except ValueError as error:
        raise InvalidDistributionError("its metadata has no valid Name") from error
    try:
        version = Version(raw.get("version", ""))
    except InvalidVersion as error:
        raise InvalidDistributionError("its metadata has no valid Version") from error
    dynamic = {field.lower() for field in raw.get("dynamic", [])} if sdist else set()
    requires_python = None if "requires-python" in dynamic else raw.get("requires_python")
    valid = valid_specifier(requires_python)
    notice = None
    if requires_python and valid is None:
        notice = (
            f"its Requires-Python {requires_python[:MAX_FIELD]!r} cannot be read; it is left out"
        )
    return CoreMetadata(name, version, valid, notice)


@lru_cache(maxsize=1024)
def valid_specifier(text: str | None) -> str | None:
    """A Requires-Python as it is if every installer can read it, else None."""
    if not text or len(text) > MAX_FIELD or not text.isprintable():
        return None
    try:
        return text if str(SpecifierSet(text)) else None
    except InvalidSpecifier:
        return None


def _check_fields(metadata: bytes) -> None:
    """Refuse more different fields than there can be: the parser's time is their square."""
    names = set()
    for line in metadata.split(b"\n"):
        name, colon, _ = line.partition(b":")
        if line[:1] in {b" ", b"\t"}:
            continue
        if not colon:
            break  # the headers end with an empty line, or with one that is none
        names.add(name.lower())
        if len(names) > MAX_FIELDS:
            raise InvalidDistributionError(f"its metadata have more than {MAX_FIELDS} fields")
