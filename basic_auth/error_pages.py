"""HTML pages of the function's own error responses, for browsers; other clients get plain text."""

from html import escape

from basic_auth.responses import Response

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{status} {phrase}</title>
<style>{style}</style>
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


_STYLE = (
    "body{max-width:36rem;margin:20vh auto;padding:0 1.5rem;font:1rem/1.5 system-ui,sans-serif}"
)


def is_browser(accept: str) -> bool:
    """Return whether a client is a browser.

    All browsers accept XHTML, and no installer does: installers accept the types of the Simple API,
    `text/html` or `*/*`.

    Args:
        accept: The Accept header; empty if there is none.
    """
    return "application/xhtml+xml" in accept.lower()


def as_page(response: Response) -> Response:
    """Convert a plain-text response to an HTML page; return other responses unchanged.

    Args:
        response: A response as Lambda@Edge represents it.
    """
    kind = response.get("headers", {}).get("content-type")
    if "status" not in response or not kind or not kind[0]["value"].startswith("text/plain"):
        return response
    typed = {"content-type": [{"key": "Content-Type", "value": "text/html; charset=utf-8"}]}
    page = {**response, "headers": response["headers"] | typed}
    if "body" in response:
        page["body"] = _PAGE.format(
            style=_STYLE,
            status=escape(response["status"]),
            phrase=escape(response["statusDescription"]),
            text=escape(response["body"].strip()),
        )
    return page
