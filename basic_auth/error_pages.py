"""The function's own answers as pages, for people in a browser; installers get one plain line."""

from html import escape
from typing import Any

Response = dict[str, Any]

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{status} {phrase}</title>
</head>
<body>
<main>
<h1>{phrase}</h1>
<p>{text}</p>
<p><a href="/">Go to the index</a></p>
</main>
</body>
</html>
"""


def is_browser(accept: str) -> bool:
    """Whether a client shows pages to a person.

    Every browser asks for XHTML as well, and no installer does: those ask for the types of the
    Simple API, for text/html or for anything.

    Args:
        accept: The Accept header; empty when there is none.
    """
    return "application/xhtml+xml" in accept.lower()


def as_page(response: Response) -> Response:
    """Make a page of an answer that is a line of plain text; other answers stay as they are.

    Args:
        response: In the form of Lambda@Edge.
    """
    kind = response.get("headers", {}).get("content-type")
    if "status" not in response or not kind or not kind[0]["value"].startswith("text/plain"):
        return response
    typed = {"content-type": [{"key": "Content-Type", "value": "text/html; charset=utf-8"}]}
    page = {**response, "headers": response["headers"] | typed}
    if "body" in response:
        page["body"] = _PAGE.format(
            status=escape(response["status"]),
            phrase=escape(response["statusDescription"]),
            text=escape(response["body"].strip()),
        )
    return page
