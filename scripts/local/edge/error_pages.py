"""The pages that CloudFront serves in place of the origin's errors, as Terraform puts them."""

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from http import HTTPStatus
from pathlib import Path
from string import Template
from typing import Any, Final

ERRORS: Final = Path(__file__).resolve().parents[3] / "terraform" / "modules" / "s3pypi" / "errors"


@cache
def error_texts() -> dict[int, dict[str, Any]]:
    """The text of each page, and for how many seconds CloudFront caches the error, by status."""
    texts = json.loads((ERRORS / "texts.json").read_text("utf-8"))
    return {int(status): each for status, each in texts.items()}


def error_page(status: HTTPStatus, text: str = "") -> bytes:
    """Make the page of an error (terraform/modules/s3pypi/errors.tf does the same).

    Args:
        status: One that has a page.
        text: What to say in place of the deployment's text.
    """
    style, script = ((ERRORS / name).read_text("utf-8") for name in ("style.css", "script.js"))
    page = Template((ERRORS / "page.html").read_text("utf-8")).substitute(
        status=status.value,
        phrase=error_texts()[status]["phrase"],
        text=escape(text or error_texts()[status]["text"]).replace("--", "- -"),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
    )
    return page.encode()


def _hash(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()
