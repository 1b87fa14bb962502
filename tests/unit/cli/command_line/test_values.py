import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.command_line.values import parse_prefix, parse_project, parse_reason, parse_version
from s3pypi.distributions.filenames import MAX_FILENAME, MAX_PROJECT_NAME
from s3pypi.errors import UsageError
from s3pypi.layout import (
    MAX_KEY,
    MAX_PREFIX,
    SIDECAR_EXTENSION,
    file_key,
    is_normalized,
    project_directory,
)
from s3pypi.markers import MAX_REASON


def test_parse_project() -> None:
    """Names are normalised."""
    assert parse_project("Foo._-Bar") == "foo-bar"


@pytest.mark.parametrize("text", ["", "-foo", "foo\n", "a b", "\u017foo", "../foo"])
def test_parse_other_project(text: str) -> None:
    """Invalid names are refused, not normalised."""
    with pytest.raises(UsageError, match="not a project's name"):
        parse_project(text)


def test_parse_version() -> None:
    """Invalid versions are refused."""
    assert parse_version("1.0.0") == Version("1.0")
    with pytest.raises(UsageError, match="not a version: 'latest'"):
        parse_version("latest")


@pytest.mark.parametrize(
    ("text", "prefix"), [("", ""), ("/", ""), ("/team/", "team"), ("team/stable", "team/stable")]
)
def test_prefix_loses_slashes_around_it(text: str, prefix: str) -> None:
    """Slashes around a prefix are ignored."""
    assert parse_prefix(text) == prefix


@pytest.mark.parametrize("text", ["a//b", "a/../b", ".", "a\nb", "a\\b", "a\udcff", "é" * 316])
def test_strange_prefix_is_refused(text: str) -> None:
    """Prefixes that URLs cannot express are refused."""
    with pytest.raises(UsageError, match="not a prefix"):
        parse_prefix(text)


def test_every_key_below_a_prefix_fits() -> None:
    """The longest prefix leaves room for the longest project, filename and metadata file."""
    prefix, project = parse_prefix("p" * MAX_PREFIX), NormalizedName("n" * MAX_PROJECT_NAME)
    wheel = "w" * (MAX_FILENAME - len(".whl")) + ".whl"
    assert len(file_key(prefix, project, wheel) + SIDECAR_EXTENSION) == MAX_KEY
    assert is_normalized(project_directory(prefix, project))


@pytest.mark.parametrize("reason", ["", '"broken" on <3.9 & naïve 日本 👩‍🔬', "x" * MAX_REASON])
def test_reason(reason: str) -> None:
    """A reason is any line of text, without the space around it."""
    assert parse_reason(f" {reason}\n") == reason


@pytest.mark.parametrize("character", ["\n", "\r", "\t", "\0", "\x1b", "\x85", "\u2028", "\udcff"])
def test_reason_of_strange_characters(character: str) -> None:
    """Line breaks, control characters and invalid UTF-8 are refused by name."""
    with pytest.raises(UsageError) as caught:
        parse_reason(f"a{character}b")
    assert str(caught.value).endswith(f"one line of plain text; this one has {character!r}")


def test_long_reason() -> None:
    """Too long reasons are refused; the limit is in characters."""
    assert parse_reason("ï" * MAX_REASON)
    with pytest.raises(UsageError, match="at most 512 characters; this one has 513"):
        parse_reason("x" * (MAX_REASON + 1))
