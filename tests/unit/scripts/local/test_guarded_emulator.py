"""The guard of the emulator, which refuses requests from web pages."""

import asyncio
import zipfile
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from scripts.local.guarded_emulator import comes_from_a_page, guarded, unpacked_once


def headers(**given: str) -> list[tuple[bytes, bytes]]:
    """Return headers in the format of ASGI, with hyphens for underscores."""
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]


@pytest.mark.parametrize(
    "given",
    [
        {"origin": "https://evil.example"},
        {"Origin": "null"},
        {"origin": "http://127.0.0.1:4566"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "same-origin"},
        {"host": "evil.example:4566"},
        {"host": "127.0.0.1.evil.example:4566"},
        {"host": "evil-amazonaws.com"},
        {"host": "localhost.evil.example"},
        {"host": "evil.example:127.0.0.1"},
        {"host": ""},
    ],
)
def test_a_page_is_refused(given: dict[str, str]) -> None:
    """Scripts, forms, links, images, other ports and rebound names are refused."""
    assert comes_from_a_page(headers(**{"host": "127.0.0.1:4566"} | given))


@pytest.mark.parametrize(
    "given",
    [
        {"host": "127.0.0.1:4566", "authorization": "AWS4-HMAC-SHA256 …"},
        {"host": "localhost:4566"},
        {"host": "LOCALHOST:4566"},
        {"host": "example-bucket.localhost:4566"},
        {"host": "example-bucket.127.0.0.1:4566"},
        {"host": "example-bucket.s3.amazonaws.com"},
        {"host": "d111111abcdef8.cloudfront.net"},
        {"host": "127.0.0.1:4566", "sec_fetch_site": "none"},
        {},
    ],
)
def test_others_are_not(given: dict[str, str]) -> None:
    """AWS clients, functions in the emulator, and typed addresses are allowed."""
    assert not comes_from_a_page(headers(**given))


@pytest.mark.parametrize(
    ("scope", "sent"),
    [
        ({"type": "http", "headers": headers(origin="null")}, ["http.response.start", 403]),
        ({"type": "websocket", "headers": headers(origin="null")}, ["websocket.close", None]),
        ({"type": "http", "headers": headers(host="localhost")}, ["passed on", None]),
        ({"type": "websocket", "headers": headers(host="localhost")}, ["passed on", None]),
        ({"type": "lifespan"}, ["passed on", None]),
    ],
)
def test_what_is_refused_does_not_reach_the_emulator(
    scope: dict[str, Any], sent: list[object]
) -> None:
    """The guard responds without the emulator."""
    messages: list[MutableMapping[str, Any]] = []

    async def application(*_: object) -> None:
        messages.append({"type": "passed on"})

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("nothing is read")

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    asyncio.run(guarded(application)(scope, receive, send))
    assert [messages[0]["type"], messages[0].get("status")] == sent


def test_workers_share_the_code_of_a_function(tmp_path: Path) -> None:
    """The same zip is unpacked once, and another one apart."""
    for name in ("same", "as-this", "other"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("package/module.py", "other" if name == "other" else "")
        (tmp_path / f"{name}-code").mkdir()
        with unpacked_once(tmp_path)(tmp_path / name) as archive:
            archive.extractall(tmp_path / f"{name}-code")
    same, as_this, other = (
        (tmp_path / f"{name}-code").resolve() for name in ("same", "as-this", "other")
    )
    assert same == as_this
    assert (same / "package/module.py").read_text() == ""
    assert (other / "package/module.py").read_text() == "other"
