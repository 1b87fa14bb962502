import contextlib
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3pypi.distributions import tars, wheels, zip_records
from s3pypi.errors import DistributionError
from s3pypi.uploads.distribution import read_distribution
from tests.unit.cli.factories import (
    make_sdist,
    make_wheel,
    metadata,
    tar_of,
    wheel_members,
    zip_of,
)

WHEEL = "demo-1.0-py3-none-any.whl"
INFO = "demo-1.0.dist-info"
METADATA = f"{INFO}/METADATA"
GOOD = metadata("demo", "1.0")


def test_wheel(tmp_path: Path) -> None:
    """A wheel is described by its filename and content."""
    found = read_distribution(make_wheel(tmp_path, "Demo.Project", "1!1.0+local"))
    assert (found.project, str(found.version)) == ("demo-project", "1!1.0+local")
    assert found.filename == "Demo.Project-1!1.0+local-py3-none-any.whl"
    assert found.digest.size == found.path.stat().st_size


@pytest.mark.parametrize("mode", ["gz", "bz2", "xz"])
def test_tar(tmp_path: Path, mode: str) -> None:
    """The project in an sdist's metadata determines where its filename is split."""
    path = tmp_path / f"my-demo-1.0-1.tar.{mode}"
    members = {"a/b/PKG-INFO": b"", "my-demo-1.0-1/PKG-INFO": metadata("My_Demo", "1.0.post1")}
    path.write_bytes(tar_of(members, f"w:{mode}"))
    found = read_distribution(path)
    assert (found.project, str(found.version)) == ("my-demo", "1.0.post1")


def test_zip(tmp_path: Path) -> None:
    """An sdist may be a zip."""
    path = tmp_path / "demo-1.0.zip"
    path.write_bytes(zip_of({"demo-1.0/PKG-INFO": GOOD, "demo-1.0/demo.egg-info/PKG-INFO": b""}))
    assert read_distribution(path).project == "demo"


def test_equal_versions_may_be_written_differently(tmp_path: Path) -> None:
    """Versions are compared according to PEP 440."""
    path = tmp_path / "demo-1.0.0-py3-none-any.whl"
    path.write_bytes(zip_of(wheel_members("demo-1.0.0.dist-info", metadata("DEMO", "1"))))
    assert str(read_distribution(path).version) == "1.0.0"


def test_a_body_that_pip_cannot_decode(tmp_path: Path) -> None:
    """Metadata in other encodings than UTF-8 is refused, as by pip."""
    path = tmp_path / WHEEL
    path.write_bytes(zip_of(wheel_members(INFO, GOOD + b"\xff\xfe")))
    with pytest.raises(DistributionError, match="not in UTF-8"):
        read_distribution(path)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "archive is empty"),
        ({f"vendor/{METADATA}": GOOD}, r"no \.dist-info directory"),
        ({METADATA: GOOD, "demo-2.dist-info/METADATA": GOOD}, r"2 \.dist-info directories"),
        ({"other-1.0.dist-info/METADATA": GOOD}, "not named after demo"),
        ({METADATA: GOOD}, "no WHEEL"),
        (wheel_members(INFO, metadata("other", "1.0")), "names the project other, not demo"),
        (wheel_members(INFO, metadata("demo", "1.1")), "has version 1.1, its filename has 1.0"),
        (wheel_members(INFO, metadata("demo", "latest")), "no valid Version"),
        (wheel_members(INFO, metadata("-demo", "1.0")), "no valid Name"),
        (wheel_members(INFO, b"Name: demo\nName: other\nVersion: 1.0\n"), "more than one Name"),
        (wheel_members(INFO, b"Name: d\xff\nVersion: 1.0\n"), "not in UTF-8"),
        (wheel_members(INFO, b""), "no valid Name"),
    ],
)
def test_wheel_that_says_something_else(
    tmp_path: Path, members: Mapping[str, bytes], message: str
) -> None:
    """A wheel whose metadata contradicts its filename is refused."""
    path = tmp_path / WHEEL
    path.write_bytes(zip_of(members))
    with pytest.raises(DistributionError, match=message):
        read_distribution(path)


@pytest.mark.parametrize(
    ("filename", "members", "message"),
    [
        ("demo-1.0.tar.gz", {"demo-1.0/setup.py": b""}, "no PKG-INFO"),
        ("demo-1.0.tar.gz", {"PKG-INFO": GOOD}, "no PKG-INFO"),
        ("demo-1.1.tar.gz", {"demo/PKG-INFO": GOOD}, "has version 1.0, its filename has 1.1"),
    ],
)
def test_sdist_that_says_something_else(
    tmp_path: Path, filename: str, members: Mapping[str, bytes], message: str
) -> None:
    """An sdist whose metadata contradicts its filename is refused."""
    path = tmp_path / filename
    path.write_bytes(tar_of(members))
    with pytest.raises(DistributionError, match=message):
        read_distribution(path)


def test_sdist_of_another_project(tmp_path: Path) -> None:
    """An sdist's filename must begin with the project of its metadata."""
    path = tmp_path / "other-1.0.tar.gz"
    path.write_bytes(tar_of({"demo-1.0/PKG-INFO": GOOD}))
    with pytest.raises(DistributionError, match="begin with demo-"):
        read_distribution(path)


@pytest.mark.parametrize(
    "filename", [WHEEL, "demo-1.0.zip", "demo-1.0.tar.gz", "demo-1.0.tar.bz2", "demo-1.0.tar.xz"]
)
@pytest.mark.parametrize("content", [b"", b"PK\5\6", b"not an archive" * 100])
def test_no_archive(tmp_path: Path, filename: str, content: bytes) -> None:
    """Other files are refused with a reason."""
    path = tmp_path / filename
    path.write_bytes(content)
    with pytest.raises(
        DistributionError,
        match=r"not a readable (zip|tar) archive: .|the archive is empty|no PKG-INFO",
    ):
        read_distribution(path)


def test_encrypted_wheel(tmp_path: Path) -> None:
    """An encrypted member is refused with a reason."""
    path = make_wheel(tmp_path)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1  # the first member is METADATA
    content[6] |= 1
    path.write_bytes(content)
    with pytest.raises(DistributionError, match="encrypted"):
        read_distribution(path)


def test_unusual_compression(tmp_path: Path) -> None:
    """A wheel that only some installers can unpack is refused."""
    path = tmp_path / WHEEL
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in wheel_members(INFO, GOOD).items():
            archive.writestr(name, content)
    with pytest.raises(DistributionError, match="unsupported format"):
        read_distribution(path)


def test_unreadable_file(tmp_path: Path) -> None:
    """A missing file is reported without a traceback."""
    with pytest.raises(FileNotFoundError):
        read_distribution(tmp_path / WHEEL)


def test_huge_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of the metadata is limited."""
    monkeypatch.setattr(wheels, "MAX_METADATA", 10)
    with pytest.raises(DistributionError, match="METADATA is larger"):
        read_distribution(make_wheel(tmp_path))


def test_tar_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unpacked size of a tar is limited."""
    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(tar_of({"demo/zeros": bytes(2_000_000), "demo/PKG-INFO": GOOD}))
    assert read_distribution(path).project == "demo"
    monkeypatch.setitem(tars.MAX_UNPACKED, ".gz", 1_000_000)
    with pytest.raises(DistributionError, match="no PKG-INFO in its first"):
        read_distribution(path)


@pytest.mark.parametrize("filename", [WHEEL, "demo-1.0.zip"])
def test_huge_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filename: str) -> None:
    """The size of a zip's directory is limited."""
    monkeypatch.setattr(zip_records, "MAX_DIRECTORY", 900)
    path = tmp_path / filename
    path.write_bytes(zip_of({str(number): b"" for number in range(20)}))
    with pytest.raises(DistributionError, match="directory is larger"):
        read_distribution(path)


def test_metadata_that_is_a_link(tmp_path: Path) -> None:
    """A link named PKG-INFO is not followed."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("demo-1.0/PKG-INFO")
        member.type = tarfile.SYMTYPE
        member.linkname = "../outside"
        archive.addfile(member)
    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(DistributionError, match="no PKG-INFO"):
        read_distribution(path)


@pytest.mark.parametrize("make", [make_wheel, make_sdist])
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_damaged_archives(
    make: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any truncated or changed file is accepted or refused, without other exceptions."""
    path = make(tmp_path_factory.getbasetemp())
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    path.write_bytes(content[:cut])
    try:
        found = read_distribution(path)
    except DistributionError:
        return
    assert found.project == "demo"


@settings(max_examples=100, deadline=None)
@given(headers=st.binary(max_size=200))
def test_hostile_metadata(tmp_path_factory: pytest.TempPathFactory, headers: bytes) -> None:
    """Any metadata is accepted or refused, without other exceptions."""
    path = tmp_path_factory.getbasetemp() / WHEEL
    path.write_bytes(zip_of(wheel_members(INFO, b"Name: demo\n" + headers + b"\nVersion: 1.0\n")))
    with contextlib.suppress(DistributionError):
        assert read_distribution(path).project == "demo"


def test_metadata_of_the_future(tmp_path: Path) -> None:
    """A wheel whose metadata version the index refuses is not uploaded."""
    path = tmp_path / WHEEL
    path.write_bytes(zip_of(wheel_members(INFO, GOOD.replace(b"2.1", b"3.0"))))
    with pytest.raises(DistributionError, match="Metadata-Version"):
        read_distribution(path)


def test_zip_of_the_current_directory(tmp_path: Path) -> None:
    """An sdist whose members begin with `./` is uploaded, as the index lists it."""
    path = tmp_path / "demo-1.0.zip"
    path.write_bytes(zip_of({"./demo-1.0/PKG-INFO": GOOD}))
    assert read_distribution(path).project == "demo"
