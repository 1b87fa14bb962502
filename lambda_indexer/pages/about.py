"""What a page tells people about a project, as a part of the JSON page.

It is packed there, for installers get this page as well and have no use for it.
"""

import json
import zlib
from base64 import b64decode, b64encode
from typing import Any, Final

from lambda_indexer.model import About, Sha256
from s3pypi.distributions.facts import MAX_DESCRIPTION, Facts, is_web_url

_MAX_JSON: Final = 16 * MAX_DESCRIPTION  # bytes, of facts that are bounded themselves
_LEVEL: Final = 9


def about_json(about: About) -> dict[str, str]:
    """The value to put into the page."""
    facts = about.facts
    said = {
        "summary": facts.summary,
        "licence": facts.licence,
        "author": facts.author,
        "keywords": facts.keywords,
        "classifiers": facts.classifiers,
        "urls": facts.urls,
        "requires": facts.requires,
        "description": facts.description,
        "markdown": facts.markdown,
    }
    packed = zlib.compress(json.dumps(said, ensure_ascii=False).encode(), _LEVEL)
    return {
        "filename": about.filename,
        "sha256": about.sha256,
        "facts": b64encode(packed).decode(),
    }


def parse_about(value: Any) -> About:
    """Read that value.

    Raises:
        TypeError, KeyError, ValueError: it is not as this module writes it.
    """
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(b64decode(_text(value["facts"]), validate=True), _MAX_JSON)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unpacker.eof:
        raise ValueError("larger than any facts")
    said = json.loads(body)
    urls = tuple((_text(label), _text(url)) for label, url in said["urls"])
    if not all(is_web_url(url) for _, url in urls) or type(said["markdown"]) is not bool:
        raise ValueError(said)
    facts = Facts(
        summary=_text(said["summary"]),
        licence=_text(said["licence"]),
        author=_text(said["author"]),
        keywords=tuple(map(_text, said["keywords"])),
        classifiers=tuple(map(_text, said["classifiers"])),
        urls=urls,
        requires=tuple(map(_text, said["requires"])),
        description=_text(said["description"]),
        markdown=said["markdown"],
    )
    if len(facts.description.encode()) > MAX_DESCRIPTION:
        raise ValueError("a longer description than any")
    return About(_text(value["filename"]), Sha256(_text(value["sha256"])), facts)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    value.encode()  # JSON can name halves of characters that no page can hold
    return value
