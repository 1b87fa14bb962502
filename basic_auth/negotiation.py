"""Map the path and the Accept header of a request to an object, a redirect or 404.

The decision depends on the syntax of the request alone, never on the bucket. Together with the
check of the user, it is all that the viewer-request function does. `tests/vectors/negotiation.json`
holds it to the same results as its JavaScript counterpart. The rules are those of the Simple
Repository API (base HTML API, and content negotiation), applied to the bucket's layout:

- A path that ends in a slash is an index page. Its JSON form is `index.json` in that directory. Its
  HTML form is the key that ends in the slash, or `/index.html` at the root, where S3 would answer a
  bare slash with a listing of the bucket.
- Any other path is a file and is passed on unchanged, unless its last segment is a project name
  without a known extension. Then the trailing slash is missing.
- A raw `+` is sent to S3 as `%2B`, because S3 decodes `+` as a space.
- The last directory of a page's path is always taken for a project, and redirected to its
  normalized name. The path alone cannot distinguish `/Foo_Bar/`, a project, from `/My_Index/`, the
  root page of a prefix, and people type the names of projects. So the root page of a prefix is only
  reachable if the prefix's last directory is a normalized name (lower case, digits, single
  hyphens); the projects below it always are. Directories before the last one are never changed.
- There is one HTML object, of type `text/html`. `application/vnd.pypi.simple.v1+html` is an alias
  for it.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "text/html"

_FORMATS = {
    JSON: JSON,
    "application/vnd.pypi.simple.latest+json": JSON,
    HTML: HTML,
    "application/vnd.pypi.simple.v1+html": HTML,
    "application/vnd.pypi.simple.latest+html": HTML,
}
"""The media types of the Simple API (PEP 691), and the object that serves each of them."""

_FILE_EXTENSIONS = (
    # distributions
    *(".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz"),
    # files beside distributions
    *(".yanked", ".project-status", ".metadata", ".provenance", ".asc"),
    # pages, and files that browsers and crawlers request
    *(".html", ".json", ".ico", ".txt"),
)

_NAME = re.compile(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", re.ASCII | re.IGNORECASE)
_QVALUE = re.compile(r"0(\.[0-9]*)?|1(\.0*)?")
# Visible ASCII without `#` and `?`, which end a path, and `\`, which browsers take for a slash.
_URI = re.compile(r"/[!\"$->@-\[\]-~]*")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# A program behind this one may treat an escaped slash or backslash as a separator.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f/\\]")

# Real clients send about three media ranges; these limits bound the cost of a hostile header.
_MAX_ACCEPT_LENGTH = 4096
_MAX_ACCEPT_RANGES = 64


@dataclass(frozen=True, slots=True)
class Serve:
    """Pass the request on to the bucket.

    Attributes:
        uri: The object's path, percent-encoded, beginning with a slash.
        media_type: The type of an index page, `JSON` or `HTML`; None for a file.
    """

    uri: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Redirect permanently to the canonical URL of the page.

    Attributes:
        location: Path and query on the same host; never begins with two slashes.
        status: Always 301, which pip caches forever. The decision depends on syntax alone, so it
            never changes.
    """

    location: str
    status: int = 301


@dataclass(frozen=True, slots=True)
class NotFound:
    """Respond with 404, because no object can have this path."""


Decision = Serve | Redirect | NotFound


def negotiate(uri: str, query: str = "", accept: str = "") -> Decision:
    """Return the decision for a GET or HEAD request.

    Args:
        uri: The request's path as received: percent-encoded, without the query.
        query: The query as received, without the question mark. Only `format` matters.
        accept: The Accept header; several are joined by commas. Empty if there is none.

    Returns:
        The object to serve, a redirect to the canonical URL of the page, or not found.
    """
    segments = _segments(uri)
    if segments is None:
        return NotFound()
    *directory, last = segments
    wanted = _format(query)
    if last and not _forgot_slash(last):
        path = "/".join(["", *directory, last])
        return Serve(_literal(path)) if path == uri else Redirect(path)
    if last:
        directory.append(last)
    if directory:
        directory[-1] = _normalized(directory[-1])
    path = "/".join(["", *directory, ""])
    if path != uri:
        return Redirect(f"{path}?format={quote(wanted, safe='/')}" if wanted else path)
    if (wanted or preferred(accept)) == JSON:
        return Serve(_literal(f"{path}index.json"), JSON)
    return Serve("/index.html" if path == "/" else _literal(path), HTML)


def _literal(path: str) -> str:
    """Escape the plus signs of a path, because S3 decodes a raw one as a space."""
    return path.replace("+", "%2B")


def preferred(accept: str) -> str:
    """Return the form of a page that the Accept header prefers.

    Of the Simple API's types that the header names, the one with the highest quality wins; JSON if
    they are equal. Otherwise the page is HTML, even if the header excludes it: PEP 691 allows any
    default, and a page is more useful than a 406. Parts that cannot be parsed are ignored.

    Args:
        accept: The header's value; empty if there is none.

    Returns:
        `JSON` or `HTML`.
    """
    quality = {JSON: 0.0, HTML: 0.0}
    for media_range in accept[:_MAX_ACCEPT_LENGTH].split(",")[:_MAX_ACCEPT_RANGES]:
        name, *parameters = (part.strip(" \t").lower() for part in media_range.split(";"))
        form = _FORMATS.get(name)
        if form:
            quality[form] = max(quality[form], _quality(parameters))
    return JSON if 0 < quality[JSON] >= quality[HTML] else HTML


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip(" \t") == "q":
            value = value.strip(" \t")
            return float(value) if _QVALUE.fullmatch(value) else 0.0
    return 1.0


def _format(query: str) -> str | None:
    """Return the form that `?format=` names; None if it is absent, repeated or unknown."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    values = [value for name, _, value in pairs if name == "format"]
    if len(values) != 1:
        return None
    # Many clients and proxies decode a plus sign to a space.
    return _FORMATS.get(unquote(values[0]).replace(" ", "+").lower())


def _segments(uri: str) -> list[str] | None:
    """Split the encoded path, without empty directories; return None if no object can have it.

    Dot segments are refused and not resolved: clients resolve them before they send a request, so
    a remaining one is an attack.
    """
    if not _URI.fullmatch(uri) or _BAD_ESCAPE.search(uri):
        return None
    *directory, last = uri[1:].split("/")
    segments = [*filter(None, directory), last]
    for segment in segments:
        try:
            decoded = unquote(segment, errors="strict")
        except UnicodeDecodeError:
            return None
        if decoded in {".", ".."} or _FORBIDDEN.search(decoded):
            return None
    return segments


def _forgot_slash(segment: str) -> bool:
    name = unquote(segment)
    return bool(_NAME.fullmatch(name)) and not name.lower().endswith(_FILE_EXTENSIONS)


def _normalized(segment: str) -> str:
    """Normalize a project name (PEP 503); return anything else unchanged."""
    name = unquote(segment)
    return re.sub(r"[-_.]+", "-", name).lower() if _NAME.fullmatch(name) else segment
