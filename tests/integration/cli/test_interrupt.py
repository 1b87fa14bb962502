"""Interrupt the command's process while S3 reads slowly or does not respond."""

import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from s3pypi.aws import clients
from s3pypi.cli import INTERRUPTED
from s3pypi.digest import MIB
from tests.unit.cli.factories import make_wheel

SECONDS = 20
"""Less than botocore's own timeout, for which an interrupted process must not wait."""

IN_PARTS = """
import functools
import s3pypi.uploads.distribution as distribution
from s3pypi.digest import digest_of
distribution.digest_of = functools.partial(digest_of, whole_limit=0)
"""
RUN = """
import signal
from s3pypi.__main__ import entry
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
entry()
"""


class Silent(ThreadingHTTPServer):
    """Responds to all requests except PUT, which never get a response.

    Attributes:
        methods: Of all requests so far.
        putting: Set when a PUT has arrived.
        over: Set to end those that wait.
    """

    daemon_threads = True

    def __init__(self) -> None:
        self.methods: list[str] = []
        self.putting, self.over = threading.Event(), threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """Handles the requests of an upload."""

    server: Silent

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self.server.methods.append(self.command)
        if self.command == "PUT":
            self.server.putting.set()
            self.server.over.wait(60)
        elif self.command == "POST":
            self._answer(200, b"<Result><UploadId>upload</UploadId></Result>")
        else:
            self._answer(204 if self.command == "DELETE" else 404, b"")
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def silent() -> Iterator[Silent]:
    """Run the server."""
    server = Silent()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("parts", [False, True], ids=["whole", "in parts"])
def test_interrupt(tmp_path: Path, silent: Silent, *, parts: bool) -> None:
    """The process exits, prints which files are missing, and aborts the upload."""
    path = make_wheel(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("padding", b"x" * (65 * MIB))
    url = f"http://127.0.0.1:{silent.server_address[1]}"
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [
            *(sys.executable, "-c", IN_PARTS + RUN if parts else RUN),
            *("upload", str(path), "-b", "bucket", "--endpoint-url", url),
        ],
        env=os.environ | {"PYTHONPATH": str(Path(clients.__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert silent.putting.wait(60)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (INTERRUPTED, ""), err
    assert f"in the bucket: 0 of 1 file\n  not uploaded, or not confirmed: {path.name}\n" in err
    assert "s3pypi: interrupted; run the same command again to continue\n" in err
    assert "Traceback" not in err
    assert (silent.methods[-1] == "DELETE") is parts
