"""The facts about a project, as a part of the JSON page.

It is packed there, because installers get this page as well and have no use for it.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from lambda_indexer.model import About, Sha256
from s3pypi.distributions.facts import MAX_DESCRIPTION, Facts

_MAX_JSON: Final = 16 * MAX_DESCRIPTION  # bytes, of facts that are bounded themselves
_LEVEL: Final = 9


def about_json(about: About) -> dict[str, Any]:
    """The value to put into the page."""
    packed = zlib.compress(json.dumps(asdict(about.facts), ensure_ascii=False).encode(), _LEVEL)
    value: dict[str, Any] = {
        "filename": about.filename,
        "sha256": about.sha256,
        "facts": b64encode(packed).decode(),
    }
    return value | {"links": about.links} if about.links else value


def parse_about(value: Mapping[str, Any]) -> About:
    """Read that value, from a page that is sealed.

    Raises:
        TypeError, KeyError, ValueError: another version wrote it.
    """
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(b64decode(value["facts"]), _MAX_JSON)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unpacker.eof:
        raise ValueError("larger than any facts")
    said = json.loads(body)
    said |= {key: tuple(said[key]) for key in ("keywords", "classifiers", "requires")}
    said["urls"] = tuple((label, url) for label, url in said["urls"])
    return About(
        value["filename"], Sha256(value["sha256"]), Facts(**said), tuple(value.get("links", ()))
    )
