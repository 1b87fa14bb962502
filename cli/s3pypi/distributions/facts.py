"""Read the parts of METADATA or PKG-INFO that a page shows, within limits. Pure.

Nothing is validated, because no installer depends on it. Long values are truncated, and values that
are of no use on a page are left out.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from s3pypi.distributions.headers import read_fields

MAX_DESCRIPTION: Final = 32 * 1024
"""The maximum size of a description in bytes; rendering time grows with it."""
MAX_URL: Final = 500  # characters
_MAX_TEXT: Final = 300  # characters
_MAX_VALUES: Final = 50  # of a field that is shown
_MAX_READ: Final = 250  # of a field; the requirements of all extras are many
_MAX_LICENCE: Final = 100  # characters; a longer one is the text of the licence, not its name
_UNKNOWN: Final = "UNKNOWN"  # what setuptools wrote for what it did not know
_LICENCE: Final = "License :: "

_FIELDS: Final = (
    "author",
    "author-email",
    "classifier",
    "description",
    "description-content-type",
    "home-page",
    "keywords",
    "license",
    "license-expression",
    "maintainer",
    "maintainer-email",
    "project-url",
    "requires-dist",
    "summary",
)
_CLASSIFIERS: Final = ("Development Status ::", "Framework ::", "Operating System ::", "Topic ::")
_ADDRESS: Final = re.compile(r"\s*<[^<>]*>")
_BODY: Final = re.compile(rb"(?:^|\n)\r?\n|\r\r")
_FOLD: Final = re.compile(r"\n(?: {7}\||        )")  # how setuptools and PEP 566 fold lines
_SPACE: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Facts:
    """The descriptive fields of a package. All texts except the description are one line.

    Attributes:
        summary: The summary; may be empty.
        licence: An SPDX expression, or of older metadata the name, or the classifiers if there is
            only the licence's text; may be empty.
        author: The author or maintainer, without an e-mail address if there is a name; may be
            empty.
        keywords: The keywords, in the package's order.
        classifiers: The classifiers that are useful to readers.
        urls: Pairs of labels and http or https URLs.
        requires: The requirements, as written (PEP 508).
        description: The description.
        markdown: Whether the description is Markdown.
    """

    summary: str = ""
    licence: str = ""
    author: str = ""
    keywords: tuple[str, ...] = ()
    classifiers: tuple[str, ...] = ()
    urls: tuple[tuple[str, str], ...] = ()
    requires: tuple[str, ...] = ()
    description: str = ""
    markdown: bool = False


def read_facts(metadata: bytes) -> Facts:
    """Read the descriptive fields. Never fails.

    Args:
        metadata: The content of METADATA or PKG-INFO.
    """
    fields = {
        name: [value[: 4 * MAX_DESCRIPTION].decode("utf-8", "replace") for value in values]
        for name, values in read_fields(metadata, _FIELDS).items()
    }
    lines = {name: _lines(values) for name, values in fields.items()}

    def first(*names: str) -> str:
        return next(
            (line for name in names for line in lines.get(name, ()) if line not in {"", _UNKNOWN}),
            "",
        )

    def licence() -> str:
        named = first("license-expression", "license")
        if named and len(named) <= _MAX_LICENCE:
            return named
        found = (c for c in lines.get("classifier", ()) if c.startswith(_LICENCE))
        return ", ".join(c.rpartition(" :: ")[2] for c in found) or named

    keywords = re.split(
        r"[,;]" if re.search("[,;]", first("keywords")) else r" ", first("keywords")
    )
    kind = first("description-content-type").partition(";")[0].strip().lower()
    return Facts(
        summary=first("summary"),
        licence=licence(),
        author=_ADDRESS.sub("", first("author", "author-email", "maintainer", "maintainer-email"))
        or first("author-email", "maintainer-email").strip("<>"),
        keywords=tuple(word.strip() for word in keywords[:_MAX_VALUES] if word.strip()),
        classifiers=tuple(c for c in lines.get("classifier", ()) if c.startswith(_CLASSIFIERS))[
            :_MAX_VALUES
        ],
        urls=tuple(_urls(lines.get("project-url", ()), first("home-page")))[:_MAX_VALUES],
        requires=tuple(filter(None, lines.get("requires-dist", ()))),
        description=_description(metadata, fields.get("description", [""])[0]),
        markdown=kind == "text/markdown",
    )


def is_web_url(url: str) -> bool:
    """Return whether a URL can be a link on a page: it is short, and http or https."""
    if len(url) > MAX_URL or not (url.isascii() and url.isprintable()) or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


def _lines(values: list[str]) -> tuple[str, ...]:
    return tuple(
        _shortened(_SPACE.sub(" ", _printable(value[: 4 * _MAX_TEXT])).strip())
        for value in values[:_MAX_READ]
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1].rstrip() + "…"


def _printable(text: str) -> str:
    """Return a text without control characters and characters that change the text direction."""
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)


def _urls(project_urls: Iterable[str], home_page: str) -> Iterable[tuple[str, str]]:
    pairs = [("Homepage", home_page)]
    for text in project_urls:
        label, _, url = text.partition(",")
        pairs.append((label.strip() or "Link", url.strip()))
    seen = set()
    for label, url in pairs:
        if is_web_url(url) and url not in seen:
            seen.add(url)
            yield label, url


def _description(metadata: bytes, header: str) -> str:
    """Return the body, or the Description header of older metadata."""
    body = _BODY.search(metadata)
    text = metadata[body.end() :][: MAX_DESCRIPTION + 1].decode("utf-8", "replace") if body else ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        text = _FOLD.sub("\n", header.replace("\r\n", "\n"))
    text = _printable(text).strip("\n")
    if text.strip() == _UNKNOWN:
        return ""
    if len(text.encode()) <= MAX_DESCRIPTION:
        return text.rstrip()
    cut = text.encode()[: MAX_DESCRIPTION - 4].decode("utf-8", "ignore")
    return cut.rpartition("\n")[0].rstrip() + "\n\n…" if "\n" in cut else cut + "…"
