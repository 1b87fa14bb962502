"""Read metadata from archives, including hostile and broken ones, in bounded memory."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_indexer.errors import StorageError
from s3pypi.distributions.archives import read_sdist, read_wheel
from s3pypi.distributions.core_metadata import parse_metadata
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB
from s3pypi.distributions.wheels import MAX_METADATA
from tests.factories import archive_tar, archive_zip, metadata_of, sdist, wheel

INFO = "foo-1.0.dist-info"
METADATA = metadata_of("foo", "1.0")
WHEEL = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
REST = {f"{INFO}/WHEEL": WHEEL, f"{INFO}/RECORD": b""}


def read(content: bytes, filename: str = "foo-1.0-py3-none-any.whl") -> bytes:
    """Return the metadata of an archive of the project foo."""
    file = io.BytesIO(content)
    if filename.endswith(".whl"):
        return read_wheel(file, "foo")  # type: ignore[arg-type]
    return read_sdist(file, filename)


def tar_gz(*members: tuple[tarfile.TarInfo, bytes], tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar with given members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tar_format) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)


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
        ({f"{INFO}/METADATA": METADATA, **REST, f"{INFO}/RECORD": b"foo.py"}, "RECORD has the row"),
        ({f"{INFO}/METADATA": METADATA, **REST, f"{INFO}/RECORD": b"a,b,c"}, "RECORD has the row"),
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


def _bomb_header() -> bytes:
    info = tarfile.TarInfo("foo-1.0/x")
    info.pax_headers = {"comment": "a" * 60_000_000}
    return tar_gz((info, b""))


def _bomb_member() -> bytes:
    header = tarfile.TarInfo("foo-1.0/zeros")
    header.size = 1 << 40
    packer = lzma.LZMACompressor()
    packed = [packer.compress(header.tobuf(tarfile.GNU_FORMAT))]
    packed += [packer.compress(bytes(MIB)) for _ in range(100)]
    return b"".join([*packed, packer.flush()])


def _many_headers() -> bytes:
    members = []
    for number in range(200):
        info = tarfile.TarInfo(f"foo-1.0/{number}")
        info.pax_headers = {"comment": "a" * 50_000}
        members.append((info, b""))
    return tar_gz(*members)


def _zeros() -> bytes:
    header = tarfile.TarInfo("foo-1.0/zeros")
    header.size = 200 * MIB
    packer = bz2.BZ2Compressor()
    packed = [packer.compress(header.tobuf(tarfile.GNU_FORMAT))]
    packed += [packer.compress(bytes(MIB)) for _ in range(70)]
    return b"".join([*packed, packer.flush()])


def _large_pkg_info() -> bytes:
    return archive_tar({"foo-1.0/PKG-INFO": bytes(MAX_METADATA + 1)}, "xz")


def _large_dictionary() -> bytes:
    # Made without that much memory: the block's header only claims it, in the encoding of xz.
    content = bytearray(lzma.compress(b"x"))
    block = 12
    size = (content[block] + 1) * 4
    content[content.index(b"\x21\x01", block) + 2] = 32  # 256 MiB
    struct.pack_into("<I", content, block + size - 4, zlib.crc32(content[block : block + size - 4]))
    return bytes(content)


@pytest.mark.parametrize(
    ("make", "extension", "reason"),
    [
        (_bomb_header, ".tar.gz", "headers are larger"),
        (_many_headers, ".tar.gz", "headers are larger"),
        (_zeros, ".tar.bz2", "no PKG-INFO in its first"),
        (_bomb_member, ".tar.xz", "no PKG-INFO in its first"),
        (_large_pkg_info, ".tar.xz", "larger than"),
        (_large_dictionary, ".tar.xz", "not a readable tar archive: Memory usage limit"),
    ],
)
def test_bombs_cost_bounded_memory(make: object, extension: str, reason: str) -> None:
    """A small file that unpacks to a large one is refused before that."""
    assert callable(make)
    content = make()
    tracemalloc.start()
    try:
        with pytest.raises(InvalidDistributionError, match=reason):
            read(content, f"foo-1.0{extension}")
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_a_directory_larger_than_allowed_is_not_read() -> None:
    """The declared size is checked before the directory is read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(130):
            archive.writestr(zipfile.ZipInfo(f"{number:05}" + "n" * 65_000), b"")
    with pytest.raises(InvalidDistributionError, match="directory is larger than"):
        read(out.getvalue())


def test_a_failure_of_s3_is_not_the_archives_fault() -> None:
    """A failure of S3 within an archive does not quarantine it."""

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise StorageError(f"SlowDown at {size}")

    for filename in ("foo-1.0.tar.gz", "foo-1.0.tar.xz", "foo-1.0.tar.bz2", "foo-1.0.zip"):
        with pytest.raises(StorageError):
            read_sdist(Failing(b"1234"), filename)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([".whl", ".zip", ".tar.gz", ".tar.bz2", ".tar.xz"]),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=8)), max_size=6),
)
def test_mutated_archives(extension: str, mutations: list[tuple[int, bytes]]) -> None:
    """Any changed archive has metadata or a reason."""
    made = wheel() if extension == ".whl" else sdist(extension=extension)
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


def test_a_member_that_is_larger_than_the_directory_says() -> None:
    """The limit applies to the real size, not the declared one."""
    content = bytearray(archive_zip({f"{INFO}/METADATA": METADATA + bytes(40 * MIB), **REST}))
    directory = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, directory + 24, 1000)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidDistributionError, match=r"the local header of its"):
            read(bytes(content))
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_a_sparse_map_without_end() -> None:
    """A chain of sparse headers is refused, because tarfile would read all of it."""
    header = bytearray(tarfile.TarInfo("foo-1.0/sparse").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[386:482] = b"00000000000\x00" * 8
    header[482] = 1
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    block = (b"00000000000\x00" * 42).ljust(504, b"0") + b"\x01" + bytes(7)
    content = bz2.compress(bytes(header) + block * 20_000)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidDistributionError):
            read(content, "foo-1.0.tar.bz2")
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    finally:
        tracemalloc.stop()


def test_thousands_of_members_with_extended_headers() -> None:
    """A large sdist with PKG-INFO at its end is read."""
    members = []
    for number in range(6000):
        info = tarfile.TarInfo(f"foo-1.0/{number}")
        info.pax_headers = {"mtime": "1707170298.123456", "uname": "x" * 600}
        members.append((info, b""))
    last = tarfile.TarInfo("foo-1.0/PKG-INFO")
    last.size = len(METADATA)
    assert read(tar_gz(*members, (last, METADATA)), "foo-1.0.tar.gz") == METADATA
