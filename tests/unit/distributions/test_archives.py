"""Read metadata from archives, including hostile and broken ones."""

import io
import struct
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_indexer.errors import StorageError
from s3pypi.distributions.archives import read_sdist
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB
from s3pypi.distributions.wheels import MAX_METADATA
from tests.factories import Distribution, archive_tar, archive_zip, sdist, wheel
from tests.unit.distributions.reading import INFO, METADATA, REST, WHEEL, read, tar_gz


@pytest.mark.parametrize("extension", [".tar.gz", ".tar.bz2", ".tar.xz", ".zip"])
def test_sdists_of_each_format(extension: str) -> None:
    """The bytes are those of the top-level PKG-INFO."""
    foo = sdist(extension=extension)
    assert read(foo.content, foo.filename) == foo.metadata


def test_wheels() -> None:
    """The bytes are those of METADATA, even if a vendored package contains another one."""
    nested = {f"foo/_vendor/{INFO}/METADATA": b"no", f"{INFO}/METADATA": METADATA, **REST}
    assert read(wheel().content) == wheel().metadata
    assert read(archive_zip(nested)) == METADATA


def test_a_zip64_wheel_with_a_comment() -> None:
    """The features of large zips are supported."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.comment = b"c" * 60_000
        with archive.open(f"{INFO}/METADATA", "w", force_zip64=True) as member:
            member.write(METADATA)
        for name, content in REST.items():
            archive.writestr(name, content)
    assert read(out.getvalue()) == METADATA


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"foo.py": b""}, r"no .dist-info directory"),
        (REST, "no METADATA"),
        ({f"{INFO}/METADATA": b"", f"{INFO}/RECORD": b""}, "no WHEEL"),
        ({f"{INFO}/METADATA": b"", f"{INFO}/WHEEL": WHEEL}, "no RECORD"),
        ({f"{INFO}/METADATA": b"", "foo-2.dist-info/x": b""}, r"2 .dist-info directories"),
        ({f"{INFO}/METADATA": b"", "x.DIST-INFO": b""}, r"2 .dist-info directories"),
        ({"bar-1.0.dist-info/METADATA": b""}, "not named after foo"),
        ({f"{INFO}/METADATA": b"", f"{INFO}/metadata": b""}, "differ only in their case"),
        ({f"{INFO}/METADATA": bytes(MAX_METADATA + 1), **REST}, "larger than"),
        ({f"{INFO}/METADATA": METADATA, **REST, f"{INFO}/WHEEL": b""}, "Wheel-Version '', not"),
        ({f"{INFO}/METADATA": METADATA, **REST, f"{INFO}/WHEEL": b"Wheel-Version: 2.0"}, "'2.0'"),
        (
            {f"{INFO}/METADATA": METADATA, **REST, f"{INFO}/RECORD": b"foo.py"},
            "RECORD has the invalid row",
        ),
        (
            {f"{INFO}/METADATA": METADATA, **REST, f"{INFO}/RECORD": b"a,b,c"},
            "RECORD has the invalid row",
        ),
        ({f"{INFO}/METADATA": METADATA, **REST, "../x": b""}, "absolute path"),
        ({f"{INFO}/METADATA": METADATA, **REST, "/x": b""}, "absolute path"),
        ({f"{INFO}/METADATA": METADATA, **REST, f"{INFO}\\METADATA": b""}, "backslash"),
    ],
)
def test_wheels_without_one_proper_metadata(members: dict[str, bytes], reason: str) -> None:
    """The reason names the problem."""
    with pytest.raises(InvalidDistributionError, match=reason):
        read(archive_zip(members))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_wheel_with_its_metadata_twice() -> None:
    """Duplicates are refused, because readers may choose different ones."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for content in (METADATA, b"other"):
            archive.writestr(f"{INFO}/METADATA", content)
    with pytest.raises(InvalidDistributionError, match="have the same name"):
        read(out.getvalue())


@pytest.mark.parametrize(("offset", "value"), [(8, 1), (10, 99), (10, 12)])
def test_encrypted_or_unusual_compression(offset: int, value: int) -> None:
    """Only stored and deflated members are supported."""
    content = bytearray(archive_zip({f"{INFO}/METADATA": METADATA, **REST}))
    directory = content.index(b"PK\x01\x02")
    struct.pack_into("<H", content, directory + offset, value)
    with pytest.raises(InvalidDistributionError, match="encrypted or in an unsupported format"):
        read(bytes(content))


@pytest.mark.parametrize(("mark", "place"), [(b"PK\x01\x02", 6), (b"PK\x03\x04", 4)])
@pytest.mark.parametrize(("version", "read_by_all"), [(20, True), (63, True), (64, False)])
def test_the_version_of_the_format(
    mark: bytes, place: int, version: int, read_by_all: bool
) -> None:
    """Pip and uv support versions up to 6.3; the high byte is the system."""
    content = bytearray(archive_zip({f"{INFO}/METADATA": METADATA, **REST}))
    for number in (version, version + 0x100):
        struct.pack_into("<H", content, content.index(mark) + place, number)
        if read_by_all:
            assert read(bytes(content)) == METADATA
            continue
        with pytest.raises(InvalidDistributionError, match="a later version of the zip format"):
            read(bytes(content))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("both", [False, True], ids=["directory", "header too"])
def test_a_record_that_says_that_it_is_large(method: int, both: bool) -> None:
    """The size of RECORD is limited by its compressed size, without reading it."""
    content = bytearray(archive_zip({f"{INFO}/METADATA": METADATA, **REST}, method))
    struct.pack_into("<L", content, content.rindex(b"PK\x01\x02") + 24, 1 << 30)
    if both:
        struct.pack_into("<L", content, content.rindex(b"PK\x03\x04") + 22, 1 << 30)
    with pytest.raises(InvalidDistributionError, match="RECORD"):
        read(bytes(content))


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ("foo-1.0.data/odd/x", "a known subdirectory"),
        ("foo-1.0.data/x", "a known subdirectory"),
        ("foo-1.0.data/scripts", "a known subdirectory"),
        ("foo-1.0.data/odd/", "a known subdirectory"),
        ("bar-2.0.data/odd/x", "a known subdirectory"),
        ("x.data", "a known subdirectory"),
        ("foo.py/x", "both a file and a directory"),
        ("foo.py/", "both a file and a directory"),
        (f"{'x' * 256}.py", "longer than 255 bytes"),
        (f"foo/{'x' * 256}/y.py", "longer than 255 bytes"),
        (f"{INFO}/METADATA/x", "both a file and a directory"),
    ],
)
def test_members_that_installers_have_no_place_for(member: str, reason: str) -> None:
    """Pip or uv fails while it installs them."""
    members = {f"{INFO}/METADATA": METADATA, **REST, "foo.py": b"", "foo.pyi": b""}
    with pytest.raises(InvalidDistributionError, match=reason):
        read(archive_zip(members | {member: b""}))


@pytest.mark.parametrize(
    "member",
    [
        *(f"foo-1.0.data/{name}/x" for name in ("purelib", "headers", "scripts", "data")),
        *("foo-1.0.data/", "foo-1.0.data//platlib/x", "foo/x.data", "X.DATA/odd/y"),
        *("foo.py.txt", "foo.py-x/y", "foo/", "foo/x", f"{'x' * 255}/y"),
    ],
)
def test_members_that_installers_put_somewhere(member: str) -> None:
    """Members that installers can place are accepted, however unusual their names are."""
    members = {f"{INFO}/METADATA": METADATA, **REST, "foo.py": b""}
    assert read(archive_zip(members | {member: b""})) == METADATA


@pytest.mark.parametrize(
    ("directory", "valid"),
    [
        *(("foo-1.0", True), ("foo-9", True), ("foo", True), ("foo-", True), ("Foo-1.0", True)),
        *(("foo-x", False), ("foo-1.0 x", False)),
    ],
)
def test_the_version_of_the_dist_info_directory(directory: str, valid: bool) -> None:
    """Pip parses it, and ends with an exception if it cannot."""
    members = {f"{INFO}/METADATA": METADATA, **REST}
    content = archive_zip({k.replace("foo-1.0", directory): v for k, v in members.items()})
    if valid:
        assert read(content) == METADATA
        return
    with pytest.raises(InvalidDistributionError, match="no valid version"):
        read(content)


def test_a_large_record() -> None:
    """A wheel with many thousand files has a large RECORD."""
    record = b"".join(b"foo/%05d.py,sha256=x,1\n" % number for number in range(60_000))
    assert len(record) > MIB
    members = {f"{INFO}/METADATA": METADATA, **REST, f"{INFO}/RECORD": record}
    assert read(archive_zip(members)) == METADATA


def test_a_wheel_whose_bytes_do_not_match_their_checksum() -> None:
    """A damaged METADATA is not published."""
    content = archive_zip({f"{INFO}/METADATA": METADATA, **REST}, zipfile.ZIP_STORED)
    with pytest.raises(InvalidDistributionError, match="size or checksum"):
        read(content.replace(b"A description", b"B description"))


@pytest.mark.parametrize("filename", ["foo-1.0-py3-none-any.whl", "foo-1.0.tar.gz", "foo-1.0.zip"])
@pytest.mark.parametrize(
    "content", [b"", b"junk" * 500, b"PK\x05\x06" + bytes(18), b"\x1f\x8b\x08"]
)
def test_what_is_no_archive_at_all(filename: str, content: bytes) -> None:
    """The reason names the expected format, or what is missing."""
    with pytest.raises(InvalidDistributionError, match=r"not a readable|is empty|no PKG-INFO"):
        read(content, filename)


@pytest.mark.parametrize("extension", [".tar.gz", ".tar.bz2", ".tar.xz", ".zip"])
def test_truncated_archives(extension: str) -> None:
    """Any truncated archive has its metadata or a reason."""
    foo = sdist(extension=extension)
    for length in range(0, len(foo.content), 7):
        try:
            assert read(foo.content[:length], foo.filename) == foo.metadata
        except InvalidDistributionError as error:
            assert str(error)  # noqa: PT017 - either is right


def test_only_a_regular_top_level_file_is_pkg_info() -> None:
    """Links, directories and deeper files of that name are ignored."""
    link = tarfile.TarInfo("foo-1.0/PKG-INFO")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    deep = tarfile.TarInfo("foo-1.0/foo.egg-info/PKG-INFO")
    with pytest.raises(InvalidDistributionError, match="no PKG-INFO"):
        read(tar_gz((link, b""), (deep, b"")), "foo-1.0.tar.gz")


def test_a_dot_before_the_top_directory() -> None:
    """Names of members may begin with `./`, as some tools write them."""
    assert read(archive_tar({"./foo-1.0/PKG-INFO": METADATA}), "foo-1.0.tar.gz") == METADATA


def test_a_failure_of_s3_is_not_the_archives_fault() -> None:
    """A failure of S3 within an archive does not quarantine it."""

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise StorageError(f"SlowDown at {size}")

    for filename in ("foo-1.0.tar.gz", "foo-1.0.tar.xz", "foo-1.0.tar.bz2", "foo-1.0.zip"):
        with pytest.raises(StorageError):
            read_sdist(Failing(b"1234"), filename)


VALID = [wheel(), *(sdist(extension=each) for each in (".zip", ".tar.gz", ".tar.bz2", ".tar.xz"))]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(VALID),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=8)), max_size=6),
)
def test_mutated_archives(made: Distribution, mutations: list[tuple[int, bytes]]) -> None:
    """Any changed archive has metadata or a reason."""
    content = bytearray(made.content)
    for place, new in mutations:
        start = place % len(content)
        content[start : start + len(new)] = new
    try:
        metadata = read(bytes(content), made.filename)
    except InvalidDistributionError as error:
        assert str(error)  # noqa: PT017 - either is right
    else:
        assert len(metadata) <= MAX_METADATA
