"""The headers of the local edge equal those of CloudFront."""

import re
from pathlib import Path

import pytest

from scripts.local.edge.object_headers import FILE_HEADERS, PAGE_HEADERS, object_headers

CDN = Path(__file__).parents[4] / "terraform" / "modules" / "s3pypi" / "cdn.tf"
# The blocks of a policy that become a header: its name, and what the block says of the value.
HEADERS = {
    "content_security_policy": ("Content-Security-Policy", r'content_security_policy = "(.+)"'),
    "content_type_options": ("X-Content-Type-Options", None),
    "referrer_policy": ("Referrer-Policy", r'referrer_policy = "(.+)"'),
    "strict_transport_security": (
        "Strict-Transport-Security",
        r"access_control_max_age_sec = (\d+)",
    ),
}
# What is there for browsers of other origins only; the local edge has none (`cors_origins`).
FOR_ORIGINS = re.compile(
    r"^  dynamic \"\w+\" \{\n    for_each = length\(var\.cors_origins\) > 0 .*?^  \}\n",
    re.MULTILINE | re.DOTALL,
)
BLOCK = re.compile(r"^( *)(\w+) \{\n(.*?)^\1\}$", re.MULTILINE | re.DOTALL)


def blocks(text: str) -> list[tuple[str, str]]:
    """Parse the top-level blocks of a Terraform file, by name."""
    return [(name, body) for _, name, body in BLOCK.findall(text)]


def deployed(policy: str) -> dict[str, str]:
    """Return the headers of a response headers policy, and fail on unknown settings."""
    start = f'resource "aws_cloudfront_response_headers_policy" "{policy}" {{\n'
    text = CDN.read_text().partition(start)[2].partition("\n}\n")[0] + "\n"
    text = FOR_ORIGINS.sub("", text)
    assert "dynamic" not in text
    headers = {}
    for kind, body in blocks(text):
        if kind == "custom_headers_config":
            for name, item in blocks(body):
                assert name == "items"
                (header,) = re.findall(r'header += "(.+)"', item)
                (value,) = re.findall(r'value += (?:length.+ : )?"([^"]+)"$', item, re.MULTILINE)
                headers[header] = value
            continue
        assert kind == "security_headers_config"
        for name, item in blocks(body):
            header, pattern = HEADERS[name]
            (value,) = re.findall(pattern, item) if pattern else ("nosniff",)
            headers[header] = f"max-age={value}" if name == "strict_transport_security" else value
            assert set(re.findall(r"^ *(\w+) +=", item, re.MULTILINE)) <= {
                "access_control_max_age_sec",
                "content_security_policy",
                "override",
                "referrer_policy",
            }
    return headers


@pytest.mark.parametrize(("policy", "here"), [("pages", PAGE_HEADERS), ("files", FILE_HEADERS)])
def test_the_headers_are_the_deployed_ones(policy: str, here: dict[str, str]) -> None:
    """Both have the same headers and values."""
    assert deployed(policy) == here


@pytest.mark.parametrize(
    ("path", "key", "policy"),
    [
        ("/", "index.html", PAGE_HEADERS),
        ("/team/example/", "team/example/", PAGE_HEADERS),
        ("/team/example/", "team/example/index.json", PAGE_HEADERS),
        ("/team/example/index.json", "team/example/index.json", FILE_HEADERS),
        ("/team/example/example-1.0.zip", "team/example/example-1.0.zip", FILE_HEADERS),
    ],
)
def test_the_path_decides(path: str, key: str, policy: dict[str, str]) -> None:
    """The path of the request determines the headers."""
    headers = object_headers(path, key, {"etag": '"1"', "vary": "Origin"})
    general = {"ETag", "Cache-Control", "Accept-Ranges"}
    assert {name: value for name, value in headers.items() if name not in general} == policy
