"""Parse filenames that exist in practice."""

import pytest

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import project_of, version_in

FOO = "foo"


@pytest.mark.parametrize(
    ("filename", "project", "version"),
    [
        ("Foo.Bar-1.0-py3-none-any.whl", "foo-bar", "1.0"),
        ("foo-1.0-1abc-py3-none-any.whl", "foo", "1.0"),
        ("foo-1.0+cu12_1-py3-none-any.whl", "foo", "1.0+cu12.1"),
        ("foo-1!2.0-py3-none-any.whl", "foo", "1!2.0"),
        ("foo-01.0-py2.py3-none-manylinux1_x86_64.manylinux2010_x86_64.whl", "foo", "1.0"),
        ("foo-1.0.tar.gz", "foo", "1.0"),
        ("foo-1.0-beta.tar.gz", "foo", "1.0b0"),
        ("foo-1.0-1.zip", "foo", "1.0.post1"),
        ("foo-2013a.tar.bz2", "foo", "2013a0"),
        ("foo-bar-1.0-1.tar.gz", "foo-bar", "1.0.post1"),
        ("foo.bar_baz-1.0.tar.xz", "foo-bar-baz", "1.0"),
        ("Foo-1.0+local-1.tar.gz", "foo", "1.0+local.1"),
        ("Foo.Bar-1.0-1abc-py2.py3-none-any.whl", "foo-bar", "1.0"),
        ("foo-1!2.0+cu12_1-py3-none-any.whl", "foo", "1!2.0+cu12.1"),
        ("foo_bar-1.0.zip", "foo-bar", "1.0"),
        ("my-project-1.0-beta.tar.xz", "my-project", "1.0b0"),
        ("foo-2-1.0.zip", "foo-2", "1.0"),
        ("pytz-2013a.zip", "pytz", "2013a0"),
    ],
)
def test_versions(filename: str, project: str, version: str) -> None:
    """With a known project, the version is that of pip and uv."""
    assert str(version_in(filename, project)) == version  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("filename", "reason"),
    [
        ("foo__bar-1.0-py3-none-any.whl", "not a valid wheel filename"),
        ("foo-1.0_1-py3-none-any.whl", "not a valid wheel filename"),
        ("foo-1.0-build-py3-none-any.whl", "not a valid wheel filename"),
        ("foo-1.0-py3-none-any-x86_64_v3.whl", "not a valid wheel filename"),
        ("f\u00f4o-1.0-py3-none-any.whl", "printable ASCII"),
        ("foo-1.0\n.tar.gz", "printable ASCII"),
        (".foo-1.0.tar.gz", "begin with a dot"),
        ("foo\\foo-1.0.tar.gz", "printable ASCII"),
        ("foo-latest.tar.gz", "'latest' is not a version"),
        ("bar-1.0.tar.gz", "does not begin with foo-"),
        ("foo.tar.gz", "does not begin with foo-"),
        ("foo-bar-1.0-py3-none-any.whl", "not a valid wheel filename"),
        ("foobar-1.0-py3-none-any.whl", "belongs to the project 'foobar'"),
        ("foo-1.0-py3-none.whl", "not a valid wheel filename"),
        ("foo-.tar.gz", "'' is not a version"),
        ("foo-1.0.egg", "not a distribution"),
        ("foo-1.0.tar.gz.asc", "not a distribution"),
        ("foo-1.0-py3-none-any.WHL", "not a distribution"),
        (".foo-1.0.zip", "begin with a dot"),
        (".whl", "begin with a dot"),
        ("a/foo-1.0.tar.gz", "without slashes"),
    ],
)
def test_reasons(filename: str, reason: str) -> None:
    """Each refusal has its reason."""
    with pytest.raises(InvalidDistributionError, match=reason):
        version_in(filename, FOO)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("filename", "project"),
    [
        ("Foo_Bar-1.0-py3-none-any.whl", "foo-bar"),
        ("foo_bar-1.0.tar.gz", "foo-bar"),
        ("foo-1.0.zip", "foo"),
        ("foo-bar-1.0.tar.gz", None),
        ("foo-1.0.tar.bz2", None),
        ("foo-latest.tar.gz", None),
    ],
)
def test_the_project_of_a_file_that_lies_anywhere(filename: str, project: str | None) -> None:
    """The project is returned if the filename is unambiguous."""
    assert project_of(filename) == project
