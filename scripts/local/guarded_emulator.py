"""Run ministack with a guard, events without delay and shared code; used by `emulator`.

ministack accepts requests of every origin and without valid signatures. Without protection, a page
in a browser on this machine could read and change the local stack.
"""

import contextlib
import hashlib
import os
import tempfile
import threading
import zipfile
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

_LOOPBACK = ("127.0.0.1", "localhost")
# The host names of buckets, functions and distributions. Attackers cannot make them resolve to this
# machine.
_NAMES_OF_AWS = (".localhost", ".127.0.0.1", ".amazonaws.com", ".cloudfront.net")
_SECONDS = 10
_REFUSAL = b"The local AWS takes no requests of web pages.\n"


def guarded(application: Application) -> Application:
    """Refuse requests of web pages.

    Args:
        application: An ASGI application.

    Returns:
        An application that responds with 403 to such requests and passes on all others.
    """

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or not comes_from_a_page(scope["headers"]):
            await application(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            kind = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(_REFUSAL))]
            start = {"status": int(HTTPStatus.FORBIDDEN), "headers": kind}
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": _REFUSAL})

    return guard


def comes_from_a_page(headers: list[tuple[bytes, bytes]]) -> bool:
    """Return whether a web page in a browser sent a request.

    Three headers show this, which a page cannot change and AWS clients do not send:

    - `Origin` is in every request of a script, and in every POST of a form.
    - `Sec-Fetch-Site` is in all others, such as links and images. `none` means that the user typed
      the URL.
    - `Host` contains a foreign name that resolves to this machine (DNS rebinding).

    Args:
        headers: The request's headers, by name in lower case.
    """
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    sites = [value for value in values.get("sec-fetch-site", []) if value != "none"]
    hosts = [_name(value) for value in values.get("host", [])]
    foreign = [name for name in hosts if name not in _LOOPBACK and not name.endswith(_NAMES_OF_AWS)]
    return bool("origin" in values or sites or foreign)


def _name(host: str) -> str:
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()


def unpacked_once(directory: Path) -> type[zipfile.ZipFile]:
    """Return a class that unpacks an archive once, however often it is asked to.

    ministack unpacks a function's zip for each worker. With this class the workers share the files,
    and so the bytecode that the first of them writes. A cold start then takes a fifth of the time.

    Args:
        directory: Where archives are unpacked; several emulators may use it at the same time.
    """

    class Unpacked(zipfile.ZipFile):
        def extractall(
            self,
            path: str | os.PathLike[str] | None = None,
            members: Iterable[str | zipfile.ZipInfo] | None = None,
            pwd: bytes | None = None,
        ) -> None:
            """Replace the empty directory `path` by a link to the unpacked archive."""
            target, archive = Path(path or "."), Path(self.filename or "")
            shared = directory / hashlib.sha256(archive.read_bytes()).hexdigest()
            if not shared.exists():
                unpacked = Path(tempfile.mkdtemp(dir=directory))
                super().extractall(unpacked, members, pwd)
                with contextlib.suppress(OSError):  # another emulator may be first
                    unpacked.rename(shared)
            target.rmdir()
            target.symlink_to(shared)

    return Unpacked


def share_code() -> None:
    """Have ministack's workers share the code of functions, in `UNPACKED_FUNCTIONS`."""
    from ministack.core import lambda_runtime  # type: ignore[import-untyped]  # noqa: PLC0415

    shared = unpacked_once(Path(os.environ["UNPACKED_FUNCTIONS"]))
    lambda_runtime.zipfile = SimpleNamespace(ZipFile=shared, BadZipFile=zipfile.BadZipFile)


class _Awaited(threading.Thread):
    """A thread that ends before its `start` returns."""

    def start(self) -> None:
        super().start()
        self.join(_SECONDS)


if __name__ == "__main__":
    from ministack import app as ministack  # type: ignore[import-untyped]
    from ministack.services import s3  # type: ignore[import-untyped]

    # S3 sends each event in a thread. Callers can only wait for events that are in the queue when
    # the object is there.
    s3.threading = SimpleNamespace(Thread=_Awaited, Lock=threading.Lock)
    share_code()
    ministack.app = guarded(ministack.app)
    ministack.main()
