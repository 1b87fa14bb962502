"""The limits of reading a file, with a fake clock."""

import io
import re

import pytest

from lambda_indexer.errors import TimeIsUpError
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MAX_SECONDS, PATIENCE, Source
from s3pypi.distributions.tars import read_member
from tests.factories import archive_tar
from tests.fakes import Clock


def up() -> None:
    """Return an check_time whose time is up."""
    raise TimeIsUpError("no time is left")


def test_a_file_that_takes_its_processor_time_is_refused() -> None:
    """A file is refused when its processor time is used up."""
    clock = Clock()
    source = Source(io.BytesIO(b"12"), lambda: None, clock)
    clock.sleep(MAX_SECONDS)
    assert source.read(1) == b"1"
    clock.sleep(0.01)
    with pytest.raises(InvalidDistributionError, match="processor time"):
        source.read(1)


def test_the_time_check_ends_what_takes_long_and_spares_the_rest() -> None:
    """A small file that has been fetched is read even if no time is left."""
    clock = Clock()
    source = Source(io.BytesIO(b"12"), up, clock)
    assert source.read(1) == b"1"
    clock.sleep(PATIENCE + 0.01)
    with pytest.raises(TimeIsUpError):
        source.read(1)
    assert isinstance(source.error, TimeIsUpError)


def test_a_tar_asks_for_the_time_while_it_is_unpacked() -> None:
    """The time is checked at least once per 256 KiB of unpacked data."""
    asked = 0

    class Counting(Source):
        def check(self) -> None:
            nonlocal asked
            asked += 1

    content = archive_tar({"foo/zeros": bytes(8 << 20), "foo/PKG-INFO": b"x"})

    found = read_member(
        Counting(io.BytesIO(content), up), "foo-1.tar.gz", re.compile("foo/PKG-INFO"), 9
    )
    assert found == b"x"
    assert asked > 32
