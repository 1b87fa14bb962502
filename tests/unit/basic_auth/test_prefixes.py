"""The paths that a prefix allows, after `negotiate`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basic_auth.errors import RecordError
from basic_auth.negotiation import NotFound, Redirect, negotiate
from basic_auth.prefixes import EVERYTHING, NOTHING, Prefixes, union

TEAM = Prefixes.parse(["team/"])


def answer(readable: Prefixes, uri: str) -> str:
    """Return the edge function's response to a request."""
    decision = negotiate(uri)
    if isinstance(decision, NotFound):
        return "not found"
    target = decision.location if isinstance(decision, Redirect) else decision.uri
    if not readable.allow(target):
        return "forbidden"
    return "redirect" if isinstance(decision, Redirect) else "serve"


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("/team/", "serve"),
        ("/team/foo/", "serve"),
        ("/team/foo/foo-1.0-py3-none-any.whl", "serve"),
        ("/team/dev/foo/foo-1.0.tar.gz", "serve"),
        ("/te%61m/foo/", "serve"),
        ("/team", "redirect"),
        ("/team//foo/", "redirect"),
        ("//team/foo/", "redirect"),
        ("/", "forbidden"),
        ("/index.json", "forbidden"),
        ("/index.html", "forbidden"),
        ("/foo/", "forbidden"),
        ("/foo/team/", "forbidden"),
        ("/team.whl", "forbidden"),
        ("/teamx/", "forbidden"),
        ("/teamx/foo/foo-1.0.tar.gz", "forbidden"),
        ("/tea/m/", "forbidden"),
        ("/team-/x.whl", "forbidden"),
        ("/Team/x.whl", "forbidden"),
        ("/TEAM/foo/", "forbidden"),
        ("/team%20/x.whl", "forbidden"),
        ("/%74eam%00/x.whl", "not found"),
        ("/team%2Ffoo/", "not found"),
        ("/team%2ffoo/x.whl", "not found"),
        ("/x%2F..%2Fteam/", "not found"),
        ("/team%5Cfoo/", "not found"),
        ("/team%252Ffoo/x.whl", "forbidden"),
        ("/team/../foo/", "not found"),
        ("/team/%2e%2e/foo/", "not found"),
        ("/team/./foo/", "not found"),
        ("/team/.%2e/x.whl", "not found"),
        ("/team;x/foo/x.whl", "forbidden"),
        ("/+team/x.whl", "forbidden"),
        ("/team?/x.whl", "not found"),
    ],
)
def test_one_prefix(uri: str, expected: str) -> None:
    """Whole segments are compared after one decoding."""
    assert answer(TEAM, uri) == expected


@pytest.mark.parametrize(
    ("prefixes", "uri", "expected"),
    [
        (["team/dev"], "/team/dev/foo/", "serve"),
        (["team/dev"], "/team/dev/", "serve"),
        (["team/dev"], "/team/", "forbidden"),
        (["team/dev"], "/team/devel/foo/", "forbidden"),
        (["a/", "b/"], "/b/foo/", "serve"),
        (["a/", "b/"], "/c/foo/", "forbidden"),
        (["/"], "/", "serve"),
        (["/"], "/anything/at/all.whl", "serve"),
        (["a/", "/"], "/b/", "serve"),
        (["My_Index"], "/My_Index/foo/", "serve"),
    ],
)
def test_prefixes(prefixes: list[str], uri: str, expected: str) -> None:
    """Each of several prefixes allows the paths below it."""
    assert answer(Prefixes.parse(prefixes), uri) == expected


@pytest.mark.parametrize("text", ["team", "team/", "/team", "/team/"])
def test_slashes_at_the_ends_make_no_difference(text: str) -> None:
    """Leading and trailing slashes are ignored."""
    assert Prefixes.parse([text]) == TEAM
    assert TEAM.to_json() == ["team/"]


@pytest.mark.parametrize(
    "values",
    [
        *([value] for value in ["", "//", "a//b", ".", "..", "a/../b", "a b", "a%2Fb", "é", "a\0"]),
        *([value] for value in ["a*", "*", "a?b", "a\\b", "a+b", "~", None, 1, ["a"], "a" * 256]),
        [],
        ["a", ""],
        ["a"] * 51,
        "team/",
        {"team/": 1},
        None,
    ],
)
def test_refuses_what_is_no_prefix(values: object) -> None:
    """Invalid prefixes are refused."""
    with pytest.raises(RecordError, match="prefix"):
        Prefixes.parse(values)


def test_union() -> None:
    """The union allows the paths of each prefix."""
    assert union([]) == NOTHING
    assert not NOTHING.allow("/foo/")
    assert not NOTHING.allow("/")
    assert union([TEAM, EVERYTHING]).allow("/foo/")


SEGMENT = st.sampled_from(
    ["team", "teamx", "Team", "te%61m", "team%2F", "..", "%2e%2e", ".", "", "foo", "x.whl", "%00"]
)


@given(st.lists(SEGMENT, min_size=1, max_size=5))
def test_nothing_outside_is_served(segments: list[str]) -> None:
    """Served and redirected paths are below the prefix."""
    uri = "/" + "/".join(segments)
    if answer(TEAM, uri) in {"serve", "redirect"}:
        first = next(filter(None, segments))
        assert first.replace("%61", "a").lower() == "team"
        assert ".." not in uri
        assert "%2" not in uri
