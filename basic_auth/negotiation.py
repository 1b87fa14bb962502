"""What a viewer's request for the index means: which object, which redirect, or nothing.

Pure syntax, before any look at the bucket: the whole of the viewer-request function but for the
check of the user. `tests/vectors/negotiation.json` holds it, and its JavaScript twin, to the same
answers. The rules are sections 3.3 and 3.4 of the index specification on the bucket layout of the
design:

- A path that ends in a slash is an index page. Its JSON form is `index.json` in that directory; its
  HTML form is the key that ends in the slash, or `/index.html` at the root, where the bare slash
  would make S3 list the bucket.
- Anything else is a file and is passed on as it came, unless its last segment is a project's name
  without a known extension: then the slash was forgotten.
- A raw `+` reaches S3 as `%2B`, the spelling that S3 does not read as a space.
- A page's last directory is always taken for a project and sent to its normalised name. Nothing
  here can tell `/Foo_Bar/`, a project, from `/My_Index/`, the root page of a prefix; projects are
  what people type. So the root page of a prefix can be reached only when its last directory is
  itself a normalised name (lower case, digits, single hyphens); the projects below it always can.
  The directories before the last are never changed.
- There is one HTML object, `text/html`, of which `application/vnd.pypi.simple.v1+html` is an alias:
  both names choose it.
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
"""The media types of the Simple API (PEP 691) and which of the two objects each one means."""

_FILE_EXTENSIONS = (
    # distributions
    *(".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz"),
    # what lies beside them
    *(".yanked", ".project-status", ".metadata", ".provenance", ".asc"),
    # pages, and what browsers and robots ask for
    *(".html", ".json", ".ico", ".txt"),
)

_NAME = re.compile(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", re.ASCII | re.IGNORECASE)
_QVALUE = re.compile(r"0(\.[0-9]*)?|1(\.0*)?")
# Visible ASCII without what ends a path, and without the backslash, which browsers read as a slash.
_URI = re.compile(r"/[!\"$->@-\[\]-~]*")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# A slash or backslash that is escaped would be a separator for somebody further on.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f/\\]")

# Real clients send three media ranges; these bounds only keep a hostile header cheap.
_MAX_ACCEPT_LENGTH = 4096
_MAX_ACCEPT_RANGES = 64


@dataclass(frozen=True, slots=True)
class Serve:
    """Pass the request on to the bucket.

    Attributes:
        uri: The object's path, percent-encoded, beginning with a slash.
        media_type: What an index page will be, `JSON` or `HTML`; None for a file.
    """

    uri: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Answer at once: the page has this other address, for good.

    Attributes:
        location: Path and query on the same host; never begins with two slashes.
        status: Always 301, which pip keeps for ever: only syntax decides it, so it never changes.
    """

    location: str
    status: int = 301


@dataclass(frozen=True, slots=True)
class NotFound:
    """Answer 404 at once: no object can have such a path."""


Decision = Serve | Redirect | NotFound


def negotiate(uri: str, query: str = "", accept: str = "") -> Decision:
    """Decide what a GET or HEAD request is answered with.

    Args:
        uri: The request's path as it came, still percent-encoded, without the query.
        query: The query as it came, without the question mark. Only `format` matters.
        accept: The Accept header; several are joined by commas. Empty when there is none.

    Returns:
        The object to serve, a redirect to the page's one true address, or not found.
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
        directory[-1] = _normalised(directory[-1])
    path = "/".join(["", *directory, ""])
    if path != uri:
        return Redirect(f"{path}?format={quote(wanted, safe='/')}" if wanted else path)
    if (wanted or preferred(accept)) == JSON:
        return Serve(_literal(f"{path}index.json"), JSON)
    return Serve("/index.html" if path == "/" else _literal(path), HTML)


def _literal(path: str) -> str:
    """Escape the plus signs of a path: S3 reads a raw one as a space, RFC 3986 as itself."""
    return path.replace("+", "%2B")


def preferred(accept: str) -> str:
    """Choose between the two forms of a page by the Accept header.

    A type of the Simple API that is named outright wins by its quality, JSON when they are equal.
    Otherwise the page is HTML, also where the header admits neither: PEP 691 allows any default,
    and a page helps more than a 406. What cannot be parsed counts as not sent.

    Args:
        accept: The header's value; empty when there is none.

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
    """Give the form that `?format=` asks for; None when it is absent, repeated or unknown."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    values = [value for name, _, value in pairs if name == "format"]
    if len(values) != 1:
        return None
    # Many clients and proxies decode a plus sign to a space on the way.
    return _FORMATS.get(unquote(values[0]).replace(" ", "+").lower())


def _segments(uri: str) -> list[str] | None:
    """Split the path, still encoded, without empty directories; None if no object can be there.

    Dot segments are refused rather than resolved: clients resolve them before they ask, so one that
    arrives is an attempt to get somewhere else.
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


def _normalised(segment: str) -> str:
    """Normalise a project's name (PEP 503); anything else stays as it is."""
    name = unquote(segment)
    return re.sub(r"[-_.]+", "-", name).lower() if _NAME.fullmatch(name) else segment
