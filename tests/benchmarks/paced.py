"""A stand-in for S3 with one large file, which gives each connection only so many bytes a second.

The proxy of the other rows passes every byte through Python, and the local AWS reads files whole.
This hands the file to the kernel, so that two processors are enough for a gigabyte a second. It
answers what reading and uploading one file takes, and checks no signature.
"""

import contextlib
import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ETAG = "0" * 32
MB = 1_000_000
_PIECE = 256 * 1024
_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]+)")


@dataclass
class Pace:
    """Limits bytes per second; connections share one instance to share the limit.

    Attributes:
        rate: Bytes a second.
    """

    rate: float
    _free: float = 0
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def take(self, number: int) -> None:
        """Wait as long as a number of bytes takes at the limit."""
        with self._mutex:
            self._free = max(self._free, time.perf_counter() - 0.005) + number / self.rate
            wait = self._free - time.perf_counter()
        if wait > 0:
            time.sleep(wait)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, path: Path, connection: float, machine: float, latency: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.path, self.size = path, path.stat().st_size
        self.connection, self.latency = connection, latency
        self.machine = Pace(machine)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer the requests of one connection."""
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.paces = Pace(self.server.connection), self.server.machine
        with self.server.path.open("rb") as file, contextlib.suppress(OSError):
            while line := self.rfile.readline().decode():
                headers = {}
                while (header := self.rfile.readline().decode().strip()) != "":
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                method, target, _ = line.split()
                self._answer(method, target, headers, file.fileno())

    def _answer(self, method: str, target: str, headers: dict[str, str], file: int) -> None:
        size = self.server.size
        if "expect" in headers:
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._receive(int(headers.get("content-length", 0)))
        time.sleep(self.server.latency)
        if method in {"GET", "HEAD"}:
            asked = _RANGE.fullmatch(headers.get("range", ""))
            start, end = (int(asked[1]), int(asked[2]) + 1) if asked else (0, size)
            self._head(206 if asked else 200, end - start)
            if method == "GET":
                self._send(file, start, end - start)
            return
        body = b""
        if method == "POST":
            inside = "<UploadId>u</UploadId>" if "uploads" in target else f"<ETag>{ETAG}</ETag>"
            body = f"<Result>{inside}</Result>".encode()
        self._head(200, len(body))
        self.wfile.write(body)

    def _head(self, status: int, length: int) -> None:
        head = f'HTTP/1.1 {status} OK\r\nContent-Length: {length}\r\nETag: "{ETAG}"\r\n'
        head += "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n"
        self.wfile.write(head.encode())

    def _send(self, file: int, start: int, left: int) -> None:
        while left:
            sent = os.sendfile(self.connection.fileno(), file, start, min(left, _PIECE))
            start, left = start + sent, left - sent
            for pace in self.paces:
                pace.take(sent)

    def _receive(self, left: int) -> None:
        while left:
            received = len(self.rfile.read1(min(left, _PIECE)))
            if not received:
                raise ConnectionError
            left -= received
            for pace in self.paces:
                pace.take(received)


@contextlib.contextmanager
def paced(path: Path, *, megabits: float = 1e6, latency: float = 0.025) -> Iterator[str]:
    """Serve a file from a process of its own, 80 MB/s a connection.

    Args:
        path: The file.
        megabits: A second, that all connections have together.
        latency: Seconds before each answer.

    Yields:
        The endpoint of S3.
    """
    arguments = [str(path), str(80 * MB), str(megabits / 8 * MB), str(latency)]
    command = [sys.executable, "-m", __name__, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def main() -> None:
    """Serve, and print the port."""
    path, *numbers = sys.argv[1:]
    with _Server(Path(path), *map(float, numbers)) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
