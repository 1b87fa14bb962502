from string import ascii_lowercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basic_auth.errors import UpstreamError
from basic_auth.upstream import MAX_LENGTH, Upstream

URL = "https://packages.example/simple/"
UPSTREAM = Upstream(URL, ("acme-*", "billing"), frozenset({"team", "deep/er"}))


def words(alphabet: str, size: int, count: int) -> st.SearchStrategy[str]:
    """Return names of up to so many words; a regular expression takes three times as long."""
    word = st.text(alphabet, min_size=1, max_size=size)
    return st.lists(word, min_size=1, max_size=count).map("-".join)


NAMES = words(ascii_lowercase + digits, 8, 4)
PATTERNS = words("ab*", 4, 3)


@pytest.mark.parametrize("page", ["", "index.json", "index.html"])
@pytest.mark.parametrize("prefix", ["", "team/", "deep/er/"])
def test_missing_project(prefix: str, page: str) -> None:
    """All forms of a project's page are redirected; Accept selects the upstream's."""
    assert UPSTREAM.page_url(f"/{prefix}requests/{page}") == f"{URL}requests/"


@pytest.mark.parametrize(
    "uri",
    [
        *("/", "/index.json", "/index.html", ""),  # the root page
        *("/team/", "/team/index.json", "/deep/er/", "/deep/er/index.html"),  # an index's
        "/deep/",  # a directory that holds indexes
        *("/elsewhere/requests/", "/team/deep/requests/", "/deep/requests/"),  # no index above
        *("/requests/requests-2.0.tar.gz", "/requests/requests-2.0-py3-none-any.whl.metadata"),
        *("/requests", "/requests/index.htm", "/requests/x/index.json", "/index.json/x"),
        *("requests/", "//requests/", "/requests//", "/team//requests/", "//packages.example/"),
        *("/Requests/", "/re_quests/", "/re--quests/", "/-requests/", "/requests-/", "/re.quests/"),
        *("/%72equests/", "/t%65am/requests/", "/requests%2F/", "/requests%00/", "/réquests/"),
        *("/../requests/", "/./requests/", "/requests/../", "/@packages.example/"),
        f"/{'a' * 256}/",
    ],
)
def test_everything_else_stays(uri: str) -> None:
    """Other paths than a project's page are not redirected."""
    assert UPSTREAM.page_url(uri) is None


@pytest.mark.parametrize("prefix", ["", "team/"])
@pytest.mark.parametrize("name", ["acme-app", "acme-a-b", "billing"])
def test_private_name_stays(prefix: str, name: str) -> None:
    """A private name is not redirected in any index."""
    assert UPSTREAM.page_url(f"/{prefix}{name}/") is None


@pytest.mark.parametrize(
    ("pattern", "private", "public"),
    [
        ("billing", ["billing"], ["billing-api", "a-billing", "billin"]),
        ("acme-*", ["acme-a", "acme-a-b"], ["acme", "acmecorp", "not-acme-a"]),
        ("*-internal", ["a-internal", "a-b-internal"], ["internal", "a-internals"]),
        ("acme*", ["acme", "acmecorp", "acme-a"], ["acm", "not-acme"]),
        ("a*b*c", ["abc", "axbyc", "abbcc"], ["ac", "acb", "ab", "abcd"]),
        ("ab*ba", ["abba", "abxba"], ["aba"]),
        ("a**b", ["ab", "axb"], ["a", "b"]),
        ("*", ["anything"], []),
    ],
)
def test_pattern(pattern: str, private: list[str], public: list[str]) -> None:
    """`*` matches any characters or none, and other characters match themselves."""
    upstream = Upstream(URL, (pattern,))

    assert [name for name in [*private, *public] if upstream.is_private(name)] == private


@given(PATTERNS, st.text("ab-", max_size=10))
def test_pattern_like_the_simplest_matcher(pattern: str, name: str) -> None:
    """The result equals that of a simple, slow implementation."""

    def matches(pattern: str, name: str) -> bool:
        if not pattern:
            return not name
        if pattern[0] == "*":
            return any(matches(pattern[1:], name[start:]) for start in range(len(name) + 1))
        return bool(name) and name[0] == pattern[0] and matches(pattern[1:], name[1:])

    assert Upstream(URL, (pattern,)).is_private(name) == matches(pattern, name)


@pytest.mark.parametrize(
    "uri", [f"/{'a' * 255}/", "/" + "a/" * 4000, "/" * 8000, f"/{'a-' * 4000}/"], ids=range(4)
)
def test_hostile_length(uri: str) -> None:
    """The longest path and the longest list of the worst patterns take little time.

    With a matcher that looks back, such as `fnmatch`, the first of these does not end.
    """
    upstream = Upstream(URL, tuple(["a*" * 20 + "b"] * 97))

    assert upstream.page_url(uri) == (f"{URL}{'a' * 255}/" if uri == f"/{'a' * 255}/" else None)


@given(st.text(alphabet="/.%2fFeE\\@:?#ab-\n éindex.json", max_size=30).map("/".__add__))
def test_address_is_the_upstream_and_a_name(uri: str) -> None:
    """For any path, a redirect leads to the upstream and contains only a normalised name."""
    address = UPSTREAM.page_url(uri)

    if address is not None:
        name = address.removeprefix(URL).removesuffix("/")
        assert address == f"{URL}{name}/"
        assert f"/{name}/" in uri
        assert all(part.isascii() and part.isalnum() for part in name.split("-"))


@given(
    st.lists(PATTERNS | NAMES, min_size=1, max_size=200),
    st.sets(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=20),
)
def test_headers_hold_everything(names: list[str], prefixes: set[str]) -> None:
    """Settings survive the conversion to headers, which CloudFront accepts."""
    upstream = Upstream(URL, tuple(names), frozenset(prefixes))

    headers = upstream.headers()

    assert Upstream.read(headers) == upstream
    for key, [field] in headers.items():
        assert key == field["key"].lower()
        assert 0 < len(field["value"]) <= 1783
        assert field["value"].isascii()
        assert field["value"].isprintable()


def test_headers_are_what_terraform_writes() -> None:
    """The headers have the form that the plan test of upstream.tf requires."""
    upstream = Upstream(URL, ("acme-*", "billing"), frozenset({"team", "deep/er"}))

    assert {values[0]["key"]: values[0]["value"] for values in upstream.headers().values()} == {
        "X-S3pypi-Upstream": URL,
        "X-S3pypi-Private-Names-1": "acme-*,billing",
        "X-S3pypi-Prefixes-1": "deep/er,team",
    }


def test_long_lists_are_cut() -> None:
    """A long list takes several headers, and may be split within a name."""
    upstream = Upstream(URL, tuple(f"private-name-{number:03}" for number in range(200)))

    headers = upstream.headers()

    lengths = [len(headers[f"x-s3pypi-private-names-{number}"][0]["value"]) for number in (1, 2)]
    assert lengths == [1700, 200 * 17 - 1 - 1700]
    assert Upstream.read(headers) == upstream


@pytest.mark.parametrize(
    ("url", "names", "message"),
    [
        ("", ["a"], "Not the URL of an upstream: ''"),
        ("https://packages.example/simple", ["a"], "Not the URL of an upstream"),
        ("ftp://packages.example/simple/", ["a"], "Not the URL of an upstream"),
        ("https://user:secret@packages.example/simple/", ["a"], "Not the URL of an upstream"),
        ("https://packages.example/simple/?q=/", ["a"], "Not the URL of an upstream"),
        ("https://packages.example/simple/#/", ["a"], "Not the URL of an upstream"),
        ("https://packages.example//simple/", ["a"], "Not the URL of an upstream"),
        ("https://packages.example/simple/\n", ["a"], "Not the URL of an upstream"),
        ("https://packages.example/simple/\r\nSet-Cookie: x/", ["a"], "Not the URL of an upstream"),
        (URL, [], "An upstream needs private names"),
        (URL, ["Acme-*"], "Not a private name: 'Acme-\\*'. Write it in lower case"),
        (URL, ["acme_*"], "Not a private name"),
        (URL, ["acme.app"], "Not a private name"),
        (URL, ["acme-"], "Not a private name"),
        (URL, ["a--b"], "Not a private name"),
        (URL, ["acme-?"], "Not a private name"),
        (URL, ["[ab]"], "Not a private name"),
        (URL, [""], "Not a private name"),
        (URL, ["a,b"], "Not a private name"),
        (URL, ["a" * 4096], "have 4097 characters together; the limit is 4096"),
    ],
)
def test_refuses(url: str, names: list[str], message: str) -> None:
    """Settings with ambiguous private names are refused with the reason."""
    with pytest.raises(UpstreamError, match=message):
        Upstream(url, tuple(names))


def test_prefixes_count() -> None:
    """The limit applies to both lists together."""
    Upstream(URL, ("a",), frozenset({"b" * (MAX_LENGTH - 3)}))

    with pytest.raises(UpstreamError, match="have 4097 characters"):
        Upstream(URL, ("a",), frozenset({"b" * (MAX_LENGTH - 2)}))
