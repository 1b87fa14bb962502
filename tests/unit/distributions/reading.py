"""Read archives in memory, in the tests of their readers."""

import gzip
import io
import tarfile

from s3pypi.distributions.archives import read_sdist, read_wheel
from tests.factories import metadata_of

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
