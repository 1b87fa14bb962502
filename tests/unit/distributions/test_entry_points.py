"""The entry_points.txt that pip and uv accept; each line was tried with both."""

import io
import zipfile

import pytest
from packaging.utils import canonicalize_name

from s3pypi.distributions.archives import read_wheel
from s3pypi.distributions.entry_points import check_entry_points
from s3pypi.distributions.errors import InvalidDistributionError
from tests.factories import wheel


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# comment\n; comment\n",
        "[console_scripts]\nfoo = a:b\n",
        "[console_scripts]\r\n  foo=a.b:c.d\r\n",
        "[gui_scripts]\nfoo bar = a:b [x, y]\n",
        "[x]\nfoo = ???\n\n[y.z]\nfoo = 1\n",
        "[console_scripts]\n# nothing\n",
    ],
)
def test_what_both_read(text: str) -> None:
    """Scripts name a function of a module; other groups belong to others."""
    check_entry_points(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "foo = a:b\n",
        "\ufeff[console_scripts]\nfoo = a:b\n",
        "[console_scripts\nfoo = a:b\n",
        "[console_scripts]\nfoo\n",
        "[console_scripts]\nfoo: a:b\n",
        "[console_scripts]\nfoo =\n",
        "[console_scripts]\n= a:b\n",
        "[console_scripts]\nfoo = a\n",
        "[console_scripts]\nfoo = a:b()\n",
        "[console_scripts]\nfoo = a:b ; comment\n",
        "[console_scripts]\n../foo = a:b\n",
        "[console_scripts]\nfoo = a:b\nfoo = a:c\n",
        "[console_scripts]\nfoo = a:b\n[console_scripts]\nbar = a:b\n",
        "[gui_scripts]\nfoo = ???\n",
        "[x]\nfoo =\n  bar\n",
    ],
)
def test_what_one_of_them_refuses(text: str) -> None:
    """The reason shows the line."""
    with pytest.raises(InvalidDistributionError, match="has the invalid line"):
        check_entry_points(text.encode())


@pytest.mark.parametrize("content", [b"foo", b"\xff", b"#" * (1 << 20)], ids=range(3))
def test_a_wheel_with_bad_entry_points_is_refused(content: bytes) -> None:
    """Invalid lines, bytes that are not text, and very long files are refused."""
    out = io.BytesIO(wheel("foo").content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("foo-1.0.dist-info/entry_points.txt", content)
    with pytest.raises(InvalidDistributionError):
        read_wheel(out, canonicalize_name("foo"))
