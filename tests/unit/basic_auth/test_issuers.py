"""Records of issuers, and their rules for subjects."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basic_auth.errors import RecordError
from basic_auth.issuers import Issuer
from basic_auth.patterns import matches
from basic_auth.prefixes import NOTHING, Prefixes
from tests.unit.basic_auth.forging import DOMAIN, ISSUER, KEYS_URL, ROLE, issuer

GITHUB = "https://token.actions.githubusercontent.com"


def test_reads_a_record() -> None:
    """Terraform's records are parsed; AWS's key set has a default URL."""
    record = Issuer.parse(issuer({ROLE: ["team/"]}), DOMAIN)

    assert (record.url, record.audience, record.keys_url) == (ISSUER, DOMAIN, KEYS_URL)
    assert record.prefixes(ROLE) == Prefixes.parse(["team/"])


def test_another_issuer_says_where_its_keys_are() -> None:
    """GitHub's key set has another URL."""
    keys_url = f"{GITHUB}/.well-known/jwks"

    record = Issuer.parse(issuer({"repo:o/r:*": ["/"]}, issuer=GITHUB, keys_url=keys_url), DOMAIN)

    assert record.keys_url == keys_url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        "{}",
        issuer(issuer=None),
        issuer(issuer=f"{ISSUER}?x=1"),
        issuer(issuer=f"{ISSUER}#x"),
        issuer(issuer=ISSUER.replace("https", "http")),
        issuer(issuer="file:///etc/passwd"),
        issuer(issuer="https://"),
        issuer(issuer="https:///x"),
        issuer(issuer="https://user:password@example.com"),
        issuer(issuer="https://a b"),
        issuer(issuer=["https://a"]),
        issuer(audience=None),
        issuer(audience="other.example.com"),
        issuer(audience=[DOMAIN]),
        issuer(keys_url="http://example.com/"),
        issuer(keys_url=1),
        issuer().replace("subjects", "Subjects"),
        issuer({}),
        issuer().replace("subjects", "subject"),
        issuer({"*": ["/"]}),
        issuer({"*:role/ci": ["/"]}),
        issuer({"": ["/"]}),
        issuer({ROLE: []}),
        issuer().replace('["/"]', '"/"'),
        issuer({ROLE: ["a//b"]}),
        issuer({ROLE: ["team/"], "arn:*": [".."]}),
        issuer({f"a{number}": ["/"] for number in range(201)}),
    ],
)
def test_refuses_what_is_no_record(text: str) -> None:
    """An invalid record is refused as a whole."""
    with pytest.raises(RecordError):
        Issuer.parse(text, DOMAIN)


@pytest.mark.parametrize(
    ("pattern", "subject", "expected"),
    [
        (ROLE, ROLE, True),
        (ROLE, f"{ROLE}-2", False),
        (ROLE, f"x{ROLE}", False),
        (ROLE, ROLE.upper(), False),
        ("arn:aws:iam::1:role/ci-*", "arn:aws:iam::1:role/ci-", True),
        ("arn:aws:iam::1:role/ci-*", "arn:aws:iam::1:role/ci-x/y", True),
        ("arn:aws:iam::1:role/ci-*", "arn:aws:iam::1:role/ci", False),
        ("repo:o/*:ref:refs/heads/main", "repo:o/r:ref:refs/heads/main", True),
        ("repo:o/*:ref:refs/heads/main", "repo:o/r:ref:refs/heads/main2", False),
        ("repo:o/*:ref:refs/heads/main", "repo:other/r:ref:refs/heads/main", False),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a*b*c", "abc", True),
        ("a*b*c", "acb", False),
        ("a**c", "abc", True),
        ("a*bc*bc", "abc", False),
        ("a.c", "abc", False),
        ("a?c", "abc", False),
        ("a[b]c", "abc", False),
        ("a*", "a\nb", True),
        ("a", "a\n", False),
    ],
)
def test_patterns(pattern: str, subject: str, *, expected: bool) -> None:
    """`*` matches any characters, and other characters match themselves."""
    assert matches(pattern, subject) is expected


@given(st.text("ab*"), st.text("ab"))
def test_patterns_are_regular_expressions(pattern: str, subject: str) -> None:
    """The result equals that of a regular expression."""
    expression = ".*".join(map(re.escape, pattern.split("*")))

    assert matches(pattern, subject) == bool(re.fullmatch(expression, subject, re.DOTALL))


def test_patterns_take_linear_time() -> None:
    """Hostile subjects take linear time."""
    begun = time.process_time()

    assert not matches("a*" * 500 + "b", "a" * 2048)

    assert time.process_time() - begun < 1


def test_every_pattern_that_matches_counts() -> None:
    """A subject may read the prefixes of all matching patterns."""
    record = Issuer.parse(issuer({"a:*": ["x/"], "a:b": ["y/"], "c": ["/"]}), DOMAIN)

    assert record.prefixes("a:b") == Prefixes.parse(["x/", "y/"])
    assert record.prefixes("a:c") == Prefixes.parse(["x/"])
    assert record.prefixes("b") == NOTHING
    assert json.loads(issuer())["subjects"] == {ROLE: ["/"]}
