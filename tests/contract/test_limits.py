"""What the command lets through, the indexer takes: their limits are the same."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from lambda_indexer import distribution as indexer
from lambda_indexer.errors import InvalidDistributionError
from s3pypi import distribution as command
from s3pypi.errors import DistributionError
from tests.unit.cli.factories import metadata, tar_of, zip_of

LIMITS = ("MAX_METADATA", "MAX_DIRECTORY", "MAX_UNPACKED", "MIN_UNPACKED", "MAX_RATIO")
GOOD = metadata("demo", "1.0")


def large_metadata() -> bytes:
    """A zip whose PKG-INFO has 100,000 bytes."""
    return zip_of({"demo-1.0/PKG-INFO": GOOD.ljust(100_000)})


def large_directory() -> bytes:
    """A zip whose directory has more than 50,000 bytes."""
    empty = {f"{number:099}": b"" for number in range(500)}
    return zip_of({"demo-1.0/PKG-INFO": GOOD, **empty})


def deep_metadata() -> bytes:
    """A tar of some 2,000 bytes with PKG-INFO behind two million."""
    return tar_of({"demo-1.0/zeros": bytes(2_000_000), "demo-1.0/PKG-INFO": GOOD})


@pytest.mark.parametrize("limit", LIMITS)
def test_limit(limit: str) -> None:
    """Each has the same name and value in both."""
    assert getattr(command, limit) == getattr(indexer, limit)


@pytest.mark.parametrize(
    ("make", "limits", "accepted"),
    [
        (large_metadata, {"MAX_METADATA": 100_000}, True),
        (large_metadata, {"MAX_METADATA": 99_999}, False),
        (large_directory, {}, True),
        (large_directory, {"MAX_DIRECTORY": 50_000}, False),
        (deep_metadata, {}, True),
        (deep_metadata, {"MIN_UNPACKED": 1_000_000}, False),
        (deep_metadata, {"MIN_UNPACKED": 1_000_000, "MAX_RATIO": 10_000}, True),
        (deep_metadata, {"MAX_UNPACKED": 1_000_000}, False),
    ],
)
def test_verdict(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[], bytes],
    limits: dict[str, int],
    *,
    accepted: bool,
) -> None:
    """Each means the same to both; smaller ones here, to make do with small files."""
    for name, value in limits.items():
        monkeypatch.setattr(command, name, value)
        monkeypatch.setattr(indexer, name, value)
    suffix = ".tar.gz" if make is deep_metadata else ".zip"
    path = tmp_path / f"demo-1.0{suffix}"
    path.write_bytes(make())
    with _verdict(DistributionError, accepted=accepted):
        command.read_distribution(path)
    with _verdict(InvalidDistributionError, accepted=accepted), path.open("rb") as file:
        indexer.read_sdist(file, path.name, path.stat().st_size)


def _verdict(refusal: type[Exception], *, accepted: bool) -> AbstractContextManager[object]:
    return nullcontext() if accepted else pytest.raises(refusal, match=r"larger than|in its first")
