"""The Authorization header."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basic_auth.credentials import Credentials


def header(content: str | bytes, scheme: str = "Basic") -> str:
    """Return a header's value."""
    raw = content.encode() if isinstance(content, str) else content
    return f"{scheme} {base64.b64encode(raw).decode()}"


@pytest.mark.parametrize(
    ("value", "user", "password"),
    [
        ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame"),  # RFC 7617, section 2
        ("Basic dGVzdDoxMjPCow==", "test", "123£"),  # RFC 7617, section 2.1
        (header("alice:a:b::c"), "alice", "a:b::c"),
        (header("alice:"), "alice", ""),
        (header(":secret"), "", "secret"),
        (header("alice:secret", "bAsIC"), "alice", "secret"),
        (header("alice:secret", "Basic  "), "alice", "secret"),
        (header("alice:grün".encode("iso-8859-1")), "alice", "grün"),
    ],
)
def test_reads(value: str, user: str, password: str) -> None:
    """Names and passwords are parsed as in the standard, and as clients send them."""
    assert Credentials.parse(value) == Credentials(user, password)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic",
        "Basic ",
        "Basic =",
        "Basic YWxpY2U6c2VjcmV0!",
        "Basic YWxpY2U6c2VjcmV0, Basic YWxpY2U6c2VjcmV0",
        "Basic YWxpY2U",
        "Basic \uff59WxpY2U6c2VjcmV0",  # a letter that is no ASCII
        "Bearer YWxpY2U6c2VjcmV0",
        "YWxpY2U6c2VjcmV0",
        header("no colon"),
        header("alice:" + "x" * 6200),
        header("alice:secret\0"),
        header("alice:secret\0\0\0"),
        header("alice\0:secret"),
        header("\0alice:secret"),
        header("alice:sec\nret"),
        header("alice:secret\x7f"),
        header("alice:secret\x85"),
        header(b"alice:secret\x80"),  # ISO-8859-1
    ],
)
def test_refuses(value: str) -> None:
    """Malformed and too long headers, other schemes and control characters are refused."""
    assert Credentials.parse(value) is None


SENDABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]))


@given(SENDABLE.filter(lambda text: ":" not in text), SENDABLE)
def test_reads_everything_that_can_be_sent(user: str, password: str) -> None:
    """Any name without a colon and any password are parsed."""
    assert Credentials.parse(header(f"{user}:{password}")) == Credentials(user, password)


@given(st.text() | st.binary().map(header))
def test_never_raises(value: str) -> None:
    """Any header is parsed or refused."""
    credentials = Credentials.parse(value)
    assert credentials is None or ":" not in credentials.user


def test_the_password_is_not_shown() -> None:
    """The representation does not contain the password."""
    assert repr(Credentials("alice", "secret")) == "Credentials(user='alice')"
