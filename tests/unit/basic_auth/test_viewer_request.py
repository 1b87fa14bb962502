import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basic_auth.negotiation import HTML, JSON, Decision, NotFound, Redirect, Serve, negotiate
from basic_auth.responses import not_allowed, not_found

ROOT = Path(__file__).parents[3]
FUNCTION = ROOT / "terraform" / "modules" / "s3pypi" / "viewer_request.js"
RUNTIME = Path(__file__).with_name("cloudfront_runtime.js")
VECTORS = json.loads((ROOT / "tests" / "vectors" / "negotiation.json").read_text())

SOURCE = FUNCTION.read_text(encoding="utf-8")
# Neither comments nor what strings say; no string has a comment in it, no expression a string.
CODE = re.sub(r"'[^'\n]*'", "''", re.sub(r"(?m)(^|\s)//.*$", "", SOURCE))

Answer = dict[str, Any]
Handle = Callable[[Answer], Answer]

# What the runtime lacks or refuses, by AWS's "JavaScript runtime 2.0 features" and "Restrictions on
# CloudFront Functions", or what is not on its list of what there is: a pattern, why, an example.
DENIED = [
    (
        r"\b(import|export)\b",
        "modules are AWS's own only, and none is needed",
        "import cf from 'x'",
    ),
    (r"\brequire\b", "modules are AWS's own only, and none is needed", "require('crypto')"),
    (r"\b(eval|Function)\b", "no code is made from strings", "new Function('return 1')"),
    (r"\b(set|clear)(Timeout|Interval|Immediate)\b", "there are no timers", "setTimeout(f, 1)"),
    (r"\b(fetch|XMLHttpRequest|WebSocket)\b", "there is no network", "fetch('/')"),
    (r"\b(process|global|globalThis|window|self)\b", "not that kind of host", "process.env.X"),
    (r"\b(URL|URLSearchParams|TextDecoder|Buffer|Intl)\b", "not needed or not there", "new URL(u)"),
    (r"\bconsole\b", "each line is billed in CloudWatch Logs", "console.log(event)"),
    (r"\b(Date|random|performance)\b", "an answer is a function of the request", "Date.now()"),
    (r"\b(async|await|yield)\b|\bfunction\s*\*", "closures cannot be async", "async () => 1"),
    (r"\b(Map|Set|WeakMap|WeakSet|Proxy|Reflect|Symbol|BigInt)\b", "not listed", "new Map()"),
    (r"\bclass\b|\bextends\b|\bsuper\b", "classes are not listed", "class A {}"),
    (r"\bfor\s*\([^;)]*\sof\s", "for-of is not listed", "for (const x of y)"),
    (r"\.\.\.", "spread is not listed", "f(...list)"),
    (r"\b(const|let|var)\s*[\[{]", "destructuring is not listed", "const { a } = b"),
    (r"\bfunction\b[^(]*\([^)]*[=\[{]", "nor are defaults and patterns", "function f(a = 1)"),
    (r"\(([^()]*,)?\s*[\[{][^()]*\)\s*=>", "patterns in arrow functions", "({ a }) => a"),
    (r"\([^()]*\w\s*=\s*\w[^()]*\)\s*=>", "defaults in arrow functions", "(a = 1) => a"),
    (r"\?\.(?![0-9])", "optional chaining is not listed", "a?.b"),
    (r"\?\?", "nullish coalescing is not listed", "a ?? b"),
    (r"(\|\||&&)=", "logical assignment is not listed", "a ||= b"),
    (r"\b[0-9]+(n\b|_[0-9])", "BigInt and separators are not listed", "1_000"),
    (r"\(\?<[=!]", "no lookbehind in regular expressions", "/(?<=a)b/"),
    (r"\\[pP]\{", "no Unicode properties in regular expressions", r"/\p{L}/u"),
    (r"(?<=[\])}*+?$\w.])/[gim]*[dsuvy][a-z]*\b(?=\s*[.;,)])", "regex flags of ES5 only", "/a/y.x"),
    (r"\{\s*[A-Za-z_$]\w*\s*[,}]", "shorthand properties are not listed", "({ a })"),
    (r"[^\x00-\x7f]", "what is deployed is plain text", "é"),
]


def need_node() -> str:
    """Find node, which these tests require."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on the PATH: the CloudFront Function was not tested")
    return node


@contextmanager
def running(function: Path) -> Iterator[Handle]:
    """Run a function in one process for all events."""
    with subprocess.Popen(  # noqa: S603 - our own code
        [need_node(), str(RUNTIME), str(function)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def handle(event: Answer) -> Answer:
            stdin.write(json.dumps(event) + "\n")
            stdin.flush()
            answer: Answer = json.loads(stdout.readline())
            assert "thrown" not in answer, answer["thrown"]
            return answer

        yield handle
        stdin.close()


@pytest.fixture(scope="module")
def handle() -> Iterator[Handle]:
    """Provide the function as deployed."""
    with running(FUNCTION) as handle:
        yield handle


def field(values: list[str]) -> dict[str, Any]:
    """Return a header's or a parameter's values as CloudFront represents them."""
    if len(values) == 1:
        return {"value": values[0]}
    return {"value": values[0], "multiValue": [{"value": value} for value in values]}


def event(uri: str, query: str = "", *accept: str, method: str = "GET") -> Answer:
    """Return the event of a request as CloudFront creates it."""
    parameters: dict[str, list[str]] = {}
    for pair in query.split("&") if query else []:
        name, _, value = pair.partition("=")
        parameters.setdefault(name, []).append(value)
    headers = {"host": {"value": "d111111abcdef8.cloudfront.net"}}
    if accept:
        headers["accept"] = field(list(accept))
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": "203.0.113.1"},
        "request": {
            "method": method,
            "uri": uri,
            "querystring": {name: field(values) for name, values in parameters.items()},
            "headers": headers,
            "cookies": {},
        },
    }


def test_pages_named_index_html(tmp_path: Path) -> None:
    """With `index_html`, HTML pages have that name."""
    named = tmp_path / "viewer_request.js"
    assert SOURCE.count("const PAGE = '';") == 1
    named.write_text(SOURCE.replace("const PAGE = '';", "const PAGE = 'index.html';"))
    with running(named) as handle:
        assert handle(event("/simple/foo/"))["uri"] == "/simple/foo/index.html"
        assert handle(event("/"))["uri"] == "/index.html"
        assert handle(event("/simple/foo/", "", JSON))["uri"] == "/simple/foo/index.json"


def as_vector(answer: Answer) -> Answer:
    """Return a response in the format of the vectors, without the media type."""
    match answer:
        case {"statusCode": 404}:
            return {"not_found": True}
        case {"statusCode": status, "headers": {"location": {"value": location}}}:
            return {"redirect": location, "status": status}
    assert answer["querystring"] == {}
    return {"serve": answer["uri"]}


def as_expected(decision: Decision) -> Answer:
    """Return Python's decision in the same format."""
    match decision:
        case Serve(uri):
            return {"serve": uri}
        case Redirect(location, status):
            return {"redirect": location, "status": status}
        case NotFound():
            return {"not_found": True}


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_vector(handle: Handle, vector: dict[str, Any]) -> None:
    """All vectors pass."""
    accept = [vector["accept"]] if vector["accept"] else []
    expected = {key: value for key, value in vector["expect"].items() if key != "type"}

    assert as_vector(handle(event(vector["uri"], vector["query"], *accept))) == expected


SEGMENTS = """simple Foo_Bar foo-1.0.tar.gz x.WHL index.json f%6Fo -a a. a+b . .. %2e %2E%2e
    a%2Fb %5c %00 %7F %c3%a9 %ff % %4""".split()  # noqa: SIM905 - a table is easier to read
SEGMENT = st.one_of(
    st.sampled_from(["", *SEGMENTS]),
    st.text(alphabet="ab.Z_-%2eEfF5c0+~!$&'()*,;=:@[]^`{|}\"<>é?#\\ \n\x7f", max_size=8),
)
URI = st.one_of(
    st.lists(SEGMENT, max_size=5).map(lambda segments: "/" + "/".join(segments)),
    st.text(max_size=12),
)
LATEST = "application/vnd.pypi.simple.latest+json"
V1_HTML = "application/vnd.pypi.simple.v1+html"
OTHER_TYPES = ("*/*", "text/*", "constructor", "__proto__", "", "q")
TYPE = st.sampled_from([JSON, JSON.upper(), HTML, LATEST, V1_HTML, *OTHER_TYPES])
QUALITY = st.one_of(
    st.sampled_from(["", ";q=0", ";q=0.5", "; q = 1.000", ";Q=.5", ";q", ";q=1.1", ";v=1;q=0.4"]),
    st.decimals(0, 1, places=4).map(lambda number: f";q={number}"),
    # The header's characters are octets; beyond the BMP the two languages count differently.
    st.text(alphabet=st.characters(max_codepoint=255), max_size=6).map(";q=".__add__),
)
ACCEPT = st.lists(st.tuples(TYPE, QUALITY).map("".join), max_size=4).map(", ".join)
FORMAT = st.one_of(
    TYPE,
    TYPE.map(lambda name: name.replace("+", "%2B").replace("/", "%2f")),
    TYPE.map(lambda name: name.replace("+", "%20")),
    st.text(alphabet="text/html%2Bf&=", max_size=8),
)
QUERY = st.lists(
    st.tuples(st.sampled_from(["format", "Format", "x", "", "__proto__"]), FORMAT).map("=".join)
    | st.sampled_from(["format", "", "&"]),
    max_size=3,
).map("&".join)


@settings(max_examples=500, derandomize=True, deadline=None)
@given(URI, QUERY, ACCEPT)
def test_twin(handle: Handle, uri: str, query: str, accept: str) -> None:
    """The Python function decides the same for any request."""
    answer = handle(event(uri, query, *([accept] if accept else [])))

    assert as_vector(answer) == as_expected(negotiate(uri, query, accept))


def test_accept_on_several_lines(handle: Handle) -> None:
    """Several Accept headers are equivalent to one with commas."""
    answer = handle(event("/foo/", "", "text/html;q=0.5", JSON))

    assert answer["uri"] == "/foo/index.json"


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("uri", ["/Foo", "/foo/", "/..", "/foo/x.whl"])
def test_other_methods(handle: Handle, method: str, uri: str) -> None:
    """Methods other than GET and HEAD never reach the bucket; both functions say the same."""
    answer = handle(event(uri, "format=text/html", method=method))
    same = not_allowed(method)

    assert answer == {
        "statusCode": int(same["status"]),
        "statusDescription": same["statusDescription"],
        "headers": {
            "allow": {"value": same["headers"]["allow"][0]["value"]},
            "cache-control": {"value": "public, max-age=10"},
            "content-type": {"value": "text/plain; charset=utf-8"},
            "vary": {"value": "Accept"},
        },
        "body": {"encoding": "text", "data": same["body"]},
    }


def test_request_is_otherwise_as_it_came(handle: Handle) -> None:
    """Only the path and the query of a request change."""
    sent = event("/foo/", "format=text/html&x=1", JSON, method="HEAD")

    assert handle(sent) == sent["request"] | {"uri": "/foo/", "querystring": {}}


def test_bare_request(handle: Handle) -> None:
    """Missing fields of an event do not raise."""
    assert handle({"request": {"method": "GET", "uri": "/foo/"}})["uri"] == "/foo/"


LAB = "https://lab.example.com"


@pytest.mark.parametrize(
    ("configured", "origin", "allowed", "vary"),
    [
        ([], LAB, None, None),
        (["*"], LAB, "*", None),
        ([LAB], LAB, LAB, "Origin"),
        ([LAB], "https://evil.example.com", None, "Origin"),
        ([LAB], None, None, "Origin"),
    ],
)
def test_other_origins(
    tmp_path: Path,
    configured: list[str],
    origin: str | None,
    allowed: str | None,
    vary: str | None,
) -> None:
    """Web pages of the origins that Terraform inserts may read redirects and errors."""
    function = tmp_path / FUNCTION.name
    assert SOURCE.count("const CORS_ORIGINS = [];") == 1
    inserted = f"const CORS_ORIGINS = {json.dumps(configured)};"
    function.write_text(SOURCE.replace("const CORS_ORIGINS = [];", inserted))
    with running(function) as handle:
        for uri, method, varies in (
            ("//foo/", "GET", None),
            ("/a/../", "GET", "Accept"),
            ("/", "POST", "Accept"),
        ):
            asked = event(uri, method=method)
            if origin:
                asked["request"]["headers"]["origin"] = {"value": origin}
            headers = handle(asked)["headers"]
            assert headers.get("access-control-allow-origin", {}).get("value") == allowed
            expected = ", ".join(filter(None, (varies, vary)))
            assert headers.get("vary", {}).get("value", "") == expected


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_redirect(handle: Handle, method: str) -> None:
    """A redirect may be cached, and does not vary."""
    assert handle(event("/Foo", "", JSON, method=method)) == {
        "statusCode": 301,
        "statusDescription": "Moved Permanently",
        "headers": {
            "location": {"value": "/foo/"},
            "cache-control": {"value": "public, max-age=86400"},
        },
    }


def test_not_found(handle: Handle) -> None:
    """A 404 is not cached, and has a body except for HEAD."""
    answer = handle(event("/<script>/../", "", JSON))
    head = handle(event("/<script>/../", "", JSON, method="HEAD"))

    assert answer == head | {
        "body": {
            "encoding": "text",
            "data": "There is nothing at this address. Check the spelling of the name.\n",
        }
    }
    assert head == {
        "statusCode": 404,
        "statusDescription": "Not Found",
        "headers": {
            "cache-control": {"value": "public, max-age=10"},
            "content-type": {"value": "text/plain; charset=utf-8"},
            "vary": {"value": "Accept"},
        },
    }


@pytest.mark.parametrize(
    ("method", "same"), [("GET", not_found("GET")), ("POST", not_allowed("POST"))]
)
def test_a_browser_gets_a_page(handle: Handle, method: str, same: dict[str, Any]) -> None:
    """It is valid HTML with the same text."""
    answer = handle(event("/a/../", "", "text/html,application/xhtml+xml,*/*;q=0.8", method=method))
    assert answer["statusCode"] == int(same["status"])
    assert answer["headers"]["content-type"] == {"value": "text/html; charset=utf-8"}
    page = answer["body"]["data"]
    html5lib.HTMLParser(strict=True).parse(page)
    assert f"<p>{same['body'].strip()}</p>" in page


@pytest.mark.parametrize(
    ("uri", "accept"),
    [
        ("/" + "a" * 8190, ""),
        ("/" * 8191, ""),
        ("/" + "%2e" * 2730, ""),
        ("/" + "-" * 8189 + "/", ""),
        ("/" + "a-" * 4095, ""),
        ("/foo/", " " * 16000 + "x"),
        ("/foo/", "," * 16000),
        ("/foo/", ";" * 16000),
        ("/foo/", f"{JSON};q=0." + "0" * 16000),
    ],
    ids=range(9),
)
def test_hostile_length(handle: Handle, uri: str, accept: str) -> None:
    """The longest possible requests have the same results as in Python."""
    answer = handle(event(uri, "", *([accept] if accept else [])))

    assert as_vector(answer) == as_expected(negotiate(uri, "", accept))


def test_size() -> None:
    """Without comments, as Terraform deploys it, the file is within CloudFront's limit of 10 KB.

    So is it with a hundred origins for CORS.
    """
    assert len(re.sub(r"(?m)^ *//.*\n", "", SOURCE)) < 10_240 - 100 * 20


@pytest.mark.parametrize(
    ("pattern", "reason", "example"), DENIED, ids=[reason for _, reason, _ in DENIED]
)
def test_language(pattern: str, reason: str, example: str) -> None:
    """The code only uses features of the runtime, and each rule works."""
    assert re.search(pattern, example), reason
    found = re.search(pattern, SOURCE if example == "é" else CODE)
    assert found is None, f"{reason}: {found}"


@pytest.mark.parametrize(
    "expression",
    [
        *("console", "process", "require", "Buffer", "URL", "setTimeout", "globalThis", "Map"),
        *("'a'.at(0)", "[1].flat()", "Object.fromEntries([])", "handler.constructor('1')()"),
    ],
)
def test_runtime_lacks(tmp_path: Path, expression: str) -> None:
    """The simulated runtime fails where CloudFront would."""
    function = tmp_path / "function.js"
    function.write_text(f"function handler(event) {{ return {{ value: {expression} }}; }}")

    done = subprocess.run(  # noqa: S603 - our own code
        [need_node(), str(RUNTIME), str(function)],
        input="{}\n",
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert "thrown" in json.loads(done.stdout)
