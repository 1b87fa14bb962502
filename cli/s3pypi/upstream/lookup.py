"""Look up projects on an upstream index."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Any, Final
from urllib.parse import urlsplit

from packaging.utils import NormalizedName

from s3pypi import __version__

JSON: Final = "application/vnd.pypi.simple.v1+json"

_TIMEOUT: Final = 20.0
_ATTEMPTS: Final = 3
_PAUSE: Final = 2.0
_LONGEST_PAUSE: Final = 60.0
_MAX_BYTES: Final = 64 * 1024 * 1024
_MAX_TEXT: Final = 200
_AGAIN: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True)
class Project:
    """A project on the upstream.

    Attributes:
        versions: The versions in the upstream's order.
        first_upload: The earliest `upload-time` (RFC 3339); None if there is none.
        digests: The SHA-256 digests of the files, in hexadecimal.
    """

    versions: tuple[str, ...]
    first_upload: str | None
    digests: frozenset[str]


@dataclass(frozen=True)
class Unknown:
    """The result if the upstream gave no clear response.

    Attributes:
        reason: The reason, for the user.
        is_down: Whether the upstream failed, so that requests for other names may fail too.
    """

    reason: str
    is_down: bool = False


@dataclass(frozen=True)
class Upstream:
    """A Simple API (PEP 691, JSON).

    Attributes:
        url: The URL, with a trailing slash.
        sleep: Waits for a number of seconds.
        seconds: The time limit for one project, including retries and pauses.
    """

    url: str
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    seconds: float = 300.0

    def find(self, name: NormalizedName) -> Project | Unknown | None:
        """Look up a project.

        Temporary failures (408, 429, 5xx, no response) are retried twice, after the pause that the
        upstream requests, up to a minute.

        Returns:
            The project; None for a 404 or 410; `Unknown` for everything else.
        """
        deadline = time.monotonic() + self.seconds
        for attempt in range(1, _ATTEMPTS + 1):
            answer, asked_for = self._ask(name, deadline)
            if asked_for is None or attempt == _ATTEMPTS:
                return answer
            pause = max(asked_for, _PAUSE * attempt)
            if time.monotonic() + pause > deadline:
                return answer
            self.sleep(pause)
        raise AssertionError

    def _ask(
        self, name: NormalizedName, deadline: float
    ) -> tuple[Project | Unknown | None, float | None]:
        """Make one request; the second value is the pause before a retry, if one makes sense."""
        agent = f"s3pypi/{__version__} (name check)"
        request = urllib.request.Request(  # noqa: S310 - the user's own URL, checked to be HTTP
            f"{self.url}{name}/", headers={"Accept": JSON, "User-Agent": agent}
        )
        opener = urllib.request.build_opener(_Redirects(self.url))
        try:
            timeout = max(1.0, min(_TIMEOUT, deadline - time.monotonic()))
            with opener.open(request, timeout=timeout) as response:
                body = _read(response, deadline)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
                    return None, None
                passing = error.code in _AGAIN or error.code >= HTTPStatus.INTERNAL_SERVER_ERROR
                pause = _seconds(error.headers.get("Retry-After")) if passing else None
                reason = f"the upstream responds with status {error.code}"
                return Unknown(reason, is_down=passing), pause
        except (OSError, HTTPException, ValueError) as error:  # ValueError: an invalid redirect
            reason = f"the upstream cannot be reached: {error}"[:_MAX_TEXT]
            return Unknown(reason, is_down=True), 0.0
        if len(body) > _MAX_BYTES:
            return Unknown("the upstream's page is too large"), None
        return _parsed(body, name), None


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to HTTPS, and within the upstream.

    A Lambda function's own control interface is plain HTTP on a local address; no upstream may
    choose what is asked of it.
    """

    def __init__(self, url: str) -> None:
        self._home = urlsplit(url)[:2]

    def redirect_request(  # noqa: PLR0917 - the base class calls it so
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse other redirects."""
        if urlsplit(newurl).scheme != "https" and urlsplit(newurl)[:2] != self._home:
            raise ValueError("it redirects to an address that is not HTTPS")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _read(response: HTTPResponse, deadline: float) -> bytes:
    """Read a body until a deadline, and little more than is allowed."""
    body = bytearray()
    while len(body) <= _MAX_BYTES and (piece := response.read1(1 << 16)):
        body += piece
        if time.monotonic() > deadline:
            raise TimeoutError("its response takes too long")
    return bytes(body)


def _seconds(retry_after: str | None) -> float:
    text = retry_after or ""
    return min(float(text), _LONGEST_PAUSE) if text.isdecimal() and text.isascii() else 0.0


def _parsed(body: bytes, name: NormalizedName) -> Project | Unknown:
    try:
        page = json.loads(body)
        files = page["files"]
        versions = page.get("versions") or []
        times = [str(file["upload-time"])[:40] for file in files if file.get("upload-time")]
        digests = {str(file.get("hashes", {}).get("sha256", "")).lower() for file in files}
        return Project(
            tuple(str(each)[:40] for each in versions),
            min(times, default=None),
            frozenset(digests - {""}),
        )
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError):
        return Unknown(f"the upstream's page of {name} is not JSON of the Simple API")


def as_json(found: Project | Unknown | None) -> Mapping[str, Any]:
    """Return a result for `--json`."""
    match found:
        case Project(versions, first_upload):
            return {"versions": list(versions), "first_upload": first_upload}
        case Unknown(reason):
            return {"reason": reason}
        case None:
            return {}
