"""A package's description as HTML: no links, images or markup of its author's.

Installers take every `<a>` of a page for a file, also one in a description. So no link is an `<a>`
here: it is a `<span data-href>`, of which the pages' script makes a link in a browser.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from s3pypi.distributions.facts import Facts, is_web_url

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_HTML: Final = 256 * 1024
"""Characters; Markdown that becomes longer is shown as plain text."""
_LOWEST_HEADING: Final = 6
_TAG: Final = re.compile(r"<[^<>]*>")


def render_description(facts: Facts) -> Markup:
    """Render the description of a package; the same text always gives the same HTML.

    Args:
        facts: of the package; the description is bounded by `MAX_DESCRIPTION`.
    """
    if facts.markdown:
        html = _markdown(facts.description)
        if len(html) <= MAX_HTML:
            return Markup(html)  # noqa: S704 - escaped text, and the tags that `_cleaned` leaves
    return Markup("<pre>{}\n</pre>").format(facts.description)


def _markdown(text: str) -> str:
    # Imported when needed: most cold starts do without it.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    # HTML is recognized only to be removed; see `_clean`.
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    _clean(tokens)
    return str(parser.renderer.render(tokens, parser.options, {}))


def _clean(tokens: Sequence["Token"]) -> None:
    """Remove HTML, links, images, attributes and high headings, which a page must not have."""
    _drop_badges(tokens)
    for token in tokens:
        url = str(token.attrs.get("href", ""))
        token.attrs, token.info = {}, ""
        if token.type in {"html_block", "html_inline"}:
            # Texts are escaped, whatever is left of a tag.
            token.type, token.content = "text", _text_of(token.content)
        elif token.type == "image":
            token.type = "text"  # its content is what it shows, in words
        elif token.type in {"link_open", "link_close"}:
            token.tag = "span"
            if is_web_url(url):
                token.attrs = {"data-href": url}
        elif token.type in {"heading_open", "heading_close"}:
            # The title above the description is the second level of the page.
            token.tag = f"h{min(int(token.tag[1]) + 2, _LOWEST_HEADING)}"
        _clean(token.children or ())


def _drop_badges(tokens: Sequence["Token"]) -> None:
    """Remove links that contain only images."""
    start = None
    for number, token in enumerate(tokens):
        if token.type == "link_open":
            start = number
        elif token.type == "link_close" and start is not None:
            inside = tokens[start + 1 : number]
            if inside and all(each.type == "image" or not each.content.strip() for each in inside):
                for each in tokens[start : number + 1]:
                    each.type, each.content, each.children = "text", "", None
            start = None


def _text_of(html: str) -> str:
    """Return the text between HTML tags, without a leading comment."""
    html = html.lstrip()
    if html.startswith("<!--"):
        html = html.partition("-->")[2]
    text = " ".join(_TAG.sub(" ", html).split())
    return f"{text}\n" if text else ""
