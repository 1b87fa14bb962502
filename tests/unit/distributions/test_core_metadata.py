"""Parse METADATA and PKG-INFO, including hostile and broken ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3pypi.distributions.core_metadata import parse_metadata
from s3pypi.distributions.errors import InvalidDistributionError
from tests.factories import metadata_of
from tests.unit.distributions.reading import METADATA


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_as_metadata(data: bytes) -> None:
    """Any metadata is parsed or refused with a reason."""
    try:
        parse_metadata(data, sdist=True)
    except InvalidDistributionError as error:
        assert str(error)  # noqa: PT017 - either is right


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        (b"", "no valid Name"),
        (metadata_of("", "1.0"), "no valid Name"),
        (metadata_of("-foo", "1.0"), "no valid Name"),
        (metadata_of("foo", "latest"), "no valid Version"),
        (metadata_of("foo", "1.0", metadata_version="3.0"), "newer than this index"),
        (metadata_of("foo", "9" * 5000), "longer than 512"),
        (metadata_of("foo", "1.0", metadata_version="2" * 5000), "longer than 512"),
        (metadata_of("f" * 5000, "1.0"), "longer than 512"),
        (metadata_of("f" * 200, "1.0"), "longer than 128"),
        (metadata_of("foo", "1.0", "Name: bar"), "more than one Name"),
        (metadata_of("foo", "1.0", "Version: 1"), "more than one Version"),
        (metadata_of("foo", "1.0", "Requires-Python: python 3"), "uv cannot read"),
        (metadata_of("foo", "1.0", "Requires-Python: ===\x01"), "uv cannot read"),
        (metadata_of("foo", "1.0", "Requires-Python: ,>=3.8"), "uv cannot read"),
        (metadata_of("foo", "1.0", "Requires-Python: >=3." + "9" * 5000), "longer than 512"),
    ],
)
def test_unusable_metadata(metadata: bytes, reason: str) -> None:
    """Metadata without a valid name and version is refused."""
    with pytest.raises(InvalidDistributionError, match=reason):
        parse_metadata(metadata, sdist=True)


@pytest.mark.parametrize(
    ("lines", "requires_python"),
    [
        ((), None),
        (("Requires-Python: >=3.8,<4",), ">=3.8,<4"),
        (("Requires-Python: >=3.8.*",), None),
        (("Requires-Python: ,>=3.8", "Dynamic: Requires-Python"), None),
        (("Requires-Python: >=3.8", "Requires-Python: >=3.9"), ">=3.8"),
        (("Requires-Python: >=3.8", "Dynamic: Requires-Python"), None),
        (("Requires-Dist: what is this??",), None),
    ],
)
def test_requires_python(lines: tuple[str, ...], requires_python: str | None) -> None:
    """It is published unchanged if all installers can parse it."""
    metadata = metadata_of("foo", "1.0", *lines)
    assert parse_metadata(metadata, sdist=True).requires_python == requires_python


def test_metadata_that_are_not_utf_8() -> None:
    """A wheel that pip cannot decode is refused, and an sdist is not."""
    metadata = METADATA + b"caf\xe9\n"
    assert parse_metadata(metadata, sdist=True).name == "foo"
    with pytest.raises(InvalidDistributionError, match="not in UTF-8"):
        parse_metadata(metadata, sdist=False)


def test_a_wheels_own_fields_are_final_even_if_they_are_called_dynamic() -> None:
    """Only in sdists may Dynamic fields change; setuptools writes them in wheels, too."""
    metadata = metadata_of("foo", "1.0", "Requires-Python: >=3.8", "Dynamic: requires-python")
    assert parse_metadata(metadata, sdist=False).requires_python == ">=3.8"
    assert parse_metadata(metadata, sdist=True).requires_python is None


def test_many_dependencies_are_not_many_fields() -> None:
    """Dependencies and descriptions do not count as fields."""
    lines = [f"Requires-Dist: dep-{number}" for number in range(5000)]
    metadata = metadata_of("foo", "1.0", *lines) + b"\n".join(b"a%d: b" % n for n in range(999))
    assert parse_metadata(metadata, sdist=False).name == "foo"
