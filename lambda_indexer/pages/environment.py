"""The templates of HTML pages, and the policy that every page contains."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lambda_indexer.pages.description import render_description
from lambda_indexer.pages.requirements import by_extra
from s3pypi.markers import Status, one_line

API_VERSION: Final = "1.4"
"""Of the Simple Repository API."""

# The texts for people; installers read the status itself. An active project needs no text.
_STATUS_TEXTS: Final = {
    Status.ARCHIVED: "No new versions are expected.",
    Status.DEPRECATED: "Use another project instead.",
    Status.QUARANTINED: "It may be unsafe, so none of its files are listed.",
}

_TEMPLATES: Final = Path(__file__).parent / "templates"


def _trusted(name: str) -> tuple[Markup, str]:
    """A file to embed in every page, and its hash for the policy."""
    text = (_TEMPLATES / name).read_text("utf-8")
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return Markup(text), f"'sha256-{digest}'"  # noqa: S704 - it is ours


_STYLE, _STYLE_SOURCE = _trusted("style.css")
_SCRIPT, _SCRIPT_SOURCE = _trusted("script.js")

# Every page contains this policy, so that it applies on any server. The one directive that works
# only in a header is in CONTENT_SECURITY_POLICY. The icon is an empty `data:` URL, because a
# browser would otherwise request one from the bucket.
_PAGE_POLICY: Final = (
    f"default-src 'none'; style-src {_STYLE_SOURCE}; script-src {_SCRIPT_SOURCE}; img-src data:; "
    "form-action 'self'; base-uri 'none'"
)
PAGE_MARK: Final = b"default-src &#39;none&#39;; style-src"
"""A part of every HTML page of this indexer, in every version, and of hardly any other page."""

CONTENT_SECURITY_POLICY: Final = f"{_PAGE_POLICY}; frame-ancestors 'none'"
"""The header for HTML pages. It changes only with the style and the script."""

templates: Final = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    auto_reload=False,
)
templates.globals |= {
    "api_version": API_VERSION,
    "page_policy": _PAGE_POLICY,
    "script": _SCRIPT,
    "status_texts": _STATUS_TEXTS,
    "style": _STYLE,
}
templates.filters |= {
    "by_extra": by_extra,
    "description": render_description,
    "one_line": one_line,
}
