import os
from pathlib import Path

import pytest

from s3pypi.errors import S3PyPIError
from s3pypi.uploads.selection import select
from tests.unit.cli.factories import make_sdist, make_wheel


def test_pattern_is_expanded(tmp_path: Path) -> None:
    """A pattern that the shell did not expand is expanded, in order."""
    make_sdist(tmp_path)
    make_wheel(tmp_path)
    (tmp_path / ".gitignore").write_text("*")
    found = select([str(tmp_path / "*")], jobs=2)
    assert [each.filename for each in found] == ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"]


def test_file_with_brackets(tmp_path: Path) -> None:
    """The name of an existing file is not treated as a pattern."""
    path = make_wheel(tmp_path / "a[bc]")
    assert select([str(path)], jobs=1)[0].path == path


def test_same_file_twice(tmp_path: Path) -> None:
    """A file that is given twice is uploaded once."""
    path = make_wheel(tmp_path)
    other = tmp_path / "." / "x" / ".." / path.name
    (tmp_path / "x").mkdir()
    assert len(select([str(path), str(other), str(tmp_path / "*.whl")], jobs=1)) == 1


def test_same_name_in_two_places(tmp_path: Path) -> None:
    """Two files with the same key are an error."""
    paths = [make_wheel(tmp_path / where) for where in "ab"]
    with pytest.raises(S3PyPIError, match="has the same name as"):
        select([str(path) for path in paths], jobs=1)


def test_all_problems_are_listed(tmp_path: Path) -> None:
    """All invalid files are reported at once."""
    good = make_wheel(tmp_path)
    egg = tmp_path / "demo-1.0.egg"
    egg.touch()
    fifo = tmp_path / "fifo.whl"
    os.mkfifo(fifo)
    arguments = ["gone.whl", str(tmp_path / "*.zip"), str(tmp_path), str(egg), str(fifo), str(good)]
    with pytest.raises(S3PyPIError) as caught:
        select(arguments, jobs=2)
    first, *lines = str(caught.value).splitlines()
    assert first == "nothing was uploaded, because of 5 problems:"
    assert lines == [
        "  gone.whl: there is no such file",
        f"  {tmp_path}/*.zip: there is no such file",
        f"  {tmp_path}: is a directory; name the files in it, as in {tmp_path}/*",
        f"  {egg}: not a distribution; their names end in .whl, .tar.gz, .zip, .tar.bz2, .tar.xz",
        f"  {fifo}: is not a regular file",
    ]


def test_names_that_no_file_can_have() -> None:
    """Errors of the file system are reported."""
    with pytest.raises(S3PyPIError, match="2 problems"):
        select(["x" * 5000, "a\0b"], jobs=1)


def test_endless_link(tmp_path: Path) -> None:
    """A link to itself is reported."""
    path = tmp_path / "demo-1.0.zip"
    path.symlink_to(path)
    with pytest.raises(S3PyPIError, match="a problem"):
        select([str(path)], jobs=1)
