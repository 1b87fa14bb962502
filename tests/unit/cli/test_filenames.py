import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from s3pypi.errors import FilenameError, UsageError
from s3pypi.filenames import extension_of, parse_project, parse_version, version_of


@pytest.mark.parametrize(
    ("filename", "project", "version"),
    [
        ("foo-1.0-py3-none-any.whl", "foo", "1.0"),
        ("Foo.Bar-1.0-1abc-py2.py3-none-any.whl", "foo-bar", "1.0"),
        ("foo-1!2.0+cu12_1-py3-none-any.whl", "foo", "1!2.0+cu12.1"),
        ("foo-1.0.tar.gz", "foo", "1.0"),
        ("foo_bar-1.0.zip", "foo-bar", "1.0"),
        ("foo-bar-1.0-1.tar.gz", "foo-bar", "1.0.post1"),
        ("foo-1.0+local-1.tar.bz2", "foo", "1.0+local-1"),
        ("my-project-1.0-beta.tar.xz", "my-project", "1.0b0"),
        ("foo-2-1.0.zip", "foo-2", "1.0"),
        ("pytz-2013a.zip", "pytz", "2013a0"),
    ],
)
def test_version_of(filename: str, project: str, version: str) -> None:
    """Names found in the wild are read as pip reads them."""
    assert version_of(filename, canonicalize_name(project)) == Version(version)


@pytest.mark.parametrize(
    ("filename", "message"),
    [
        ("bar-1.0-py3-none-any.whl", "of project 'bar'"),
        ("foo-1.0-py3-none.whl", "[Ii]nvalid wheel filename"),
        ("foo-1.0-py3-none-any-x86_64_v3.whl", "[Ii]nvalid"),
        ("foo__bar-1.0-py3-none-any.whl", "[Ii]nvalid"),
        ("bar-1.0.tar.gz", "does not begin"),
        ("foo-.tar.gz", "no valid version"),
        ("foo-latest.zip", "no valid version"),
        ("foo.tar.gz", "does not begin"),
        ("foo-1.0.egg", "not a distribution"),
        ("foo-1.0.tar.gz.asc", "not a distribution"),
        ("foo-1.0-py3-none-any.WHL", "not a distribution"),
        (".whl", "not a distribution"),
        ("fôo-1.0.tar.gz", "ASCII"),
        ("foo-1.0\n.tar.gz", "ASCII"),
        ("a/foo-1.0.tar.gz", "slash"),
        ("..\\foo-1.0.zip", "slash"),
    ],
)
def test_version_of_other_names(filename: str, message: str) -> None:
    """What is no distribution of the project is refused with its reason."""
    with pytest.raises(FilenameError, match=message):
        version_of(filename, canonicalize_name("foo"))


def test_extension_of_hidden_file() -> None:
    """A name with a leading dot is never a distribution's."""
    with pytest.raises(FilenameError):
        extension_of(".foo-1.0.zip")


def test_parse_project() -> None:
    """Names are normalised."""
    assert parse_project("Foo._-Bar") == "foo-bar"


@pytest.mark.parametrize("text", ["", "-foo", "foo\n", "a b", "\u017foo", "../foo"])
def test_parse_other_project(text: str) -> None:
    """What is no name is refused, not normalised into one."""
    with pytest.raises(UsageError, match="not a project's name"):
        parse_project(text)


def test_parse_version() -> None:
    """What is no version is refused."""
    assert parse_version("1.0.0") == Version("1.0")
    with pytest.raises(UsageError, match="not a version: 'latest'"):
        parse_version("latest")
