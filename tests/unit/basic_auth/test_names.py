"""The domain, user names and paths of a deployment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basic_auth.errors import DeploymentError
from basic_auth.names import USERS, domain_of, is_domain, is_user, parameters_path


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("s3pypi-auth__pypi_example_com", "pypi.example.com"),
        ("us-east-1.s3pypi-auth__pypi_example_com", "pypi.example.com"),
        ("my_prefix__a-b_c", "a-b.c"),
        ("__localhost", "localhost"),
    ],
)
def test_the_name_says_the_domain(name: str, domain: str) -> None:
    """The domain follows the first two underscores."""
    assert domain_of(name) == domain


@pytest.mark.parametrize(
    "name",
    [
        "",
        "s3pypi-basic-auth-pypi-example-com",
        "s3pypi-auth__",
        "s3pypi-auth__Pypi_example_com",
        "s3pypi-auth__pypi__com",
        "s3pypi-auth__-a_com",
        "s3pypi-auth__a_com/../other",
        "s3pypi-auth__a_com\n",
    ],
)
def test_a_name_without_a_domain_is_refused(name: str) -> None:
    """The error contains the name and an example."""
    with pytest.raises(DeploymentError, match=r"'s3pypi-auth__pypi_example_com'"):
        domain_of(name)


@given(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?(\.[a-z0-9]{1,5}){0,4}", fullmatch=True))
def test_every_domain_can_be_said(domain: str) -> None:
    """Any domain can be encoded as in docs/architecture.md."""
    assert is_domain(domain)
    assert domain_of(f"s3pypi-auth__{domain.replace('.', '_')}") == domain


@pytest.mark.parametrize("name", ["alice", "ci-bot_1.2", "A", "..", "x" * 128])
def test_user_names(name: str) -> None:
    """The characters of a parameter's name are allowed."""
    assert is_user(name)


@given(st.text())
def test_no_user_name_leads_to_another_path(name: str) -> None:
    """A valid name is the last segment of a parameter's name."""
    if is_user(name):
        path = f"{parameters_path('a.b')}/{USERS}/{name}"
        assert path.rpartition("/")[0] == "/s3pypi/a.b/users"
        assert path.isascii()
        assert path.isprintable()
        assert " " not in path


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b", "é", "a\n", "a:b", "@", "x" * 129])
def test_names_that_no_user_has(name: str) -> None:
    """Names that Parameter Store would refuse, and paths, are invalid."""
    assert not is_user(name)
