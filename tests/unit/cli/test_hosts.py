"""The hosts of indexes that accept tokens."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3pypi.errors import UsageError
from s3pypi.hosts import configured_hosts, parse_host


@pytest.mark.parametrize(
    "text",
    [
        "pypi.example.com",
        "PyPI.example.com",
        "pypi.example.com:8443",
        "pypi.example.com/simple/",
        "https://pypi.example.com",
        "https://aws@pypi.example.com/team/",
        "https://aws:secret@pypi.example.com:443/team/foo-1.0.whl?x=1#y",
    ],
)
def test_reads_a_host(text: str) -> None:
    """The host is the same for a host, an index and a file."""
    assert parse_host(text) == "pypi.example.com"


@pytest.mark.parametrize("text", ["", "/", "https://", "https:///x", "a b", "a_b", "[::1", "é.com"])
def test_refuses_the_rest(text: str) -> None:
    """A text without a host is refused, and not quoted."""
    with pytest.raises(UsageError, match=r"^give the name of the index's host, such as"):
        parse_host(text)


@given(st.text())
def test_never_raises_anything_else(text: str) -> None:
    """Any text is parsed or refused."""
    with suppress(UsageError):
        assert parse_host(text) == parse_host(text).lower()


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("", ()),
        (" , ", ()),
        ("a.com", ("a.com",)),
        ("a.com, b.com c.com\n", ("a.com", "b.com", "c.com")),
        ("https://A.com/,a.com", ("a.com",)),
    ],
)
def test_reads_the_variable(value: str, hosts: tuple[str, ...]) -> None:
    """Commas and spaces separate hosts."""
    assert configured_hosts({"S3PYPI_HOSTS": value}) == hosts
    assert configured_hosts({}) == ()
