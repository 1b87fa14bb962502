from dataclasses import replace
from pathlib import Path

import pytest

from s3pypi.bucket import Stored
from s3pypi.digest import base64, md5_of
from s3pypi.uploads.comparison import is_identical
from s3pypi.uploads.distribution import Distribution
from tests.unit.cli.factories import in_parts, wheel


@pytest.fixture
def local(tmp_path: Path) -> Distribution:
    """Return a file sent in parts."""
    return in_parts(wheel(tmp_path))


@pytest.fixture
def stored(local: Distribution) -> Stored:
    """Return an object of the same size without checksums."""
    return Stored(size=local.digest.size, etag="an-etag")


def test_size(local: Distribution, stored: Stored) -> None:
    """Objects of another size are different."""
    assert is_identical(local, replace(stored, size=1)) is False


def test_nothing_to_compare(local: Distribution, stored: Stored) -> None:
    """Objects of the same size are not known to be equal."""
    assert is_identical(local, stored) is None


def test_sha256(local: Distribution, stored: Stored) -> None:
    """A checksum of the whole object decides."""
    assert is_identical(local, replace(stored, sha256=base64(local.digest.sha256))) is True
    assert is_identical(local, replace(stored, sha256=base64(bytes(32)))) is False


def test_composite(local: Distribution, stored: Stored) -> None:
    """A checksum of parts can only prove equality."""
    assert is_identical(local, replace(stored, sha256=local.digest.composite)) is True
    assert is_identical(local, replace(stored, sha256="other-3")) is None


def test_md5(local: Distribution, stored: Stored) -> None:
    """An ETag that is an MD5 decides, and others do not."""
    with local.path.open("rb") as file:
        md5 = md5_of(file)
    assert is_identical(local, replace(stored, etag=md5, etag_is_md5=True)) is True
    assert is_identical(local, replace(stored, etag="0" * 32, etag_is_md5=True)) is False
    assert is_identical(local, replace(stored, etag=md5)) is None
