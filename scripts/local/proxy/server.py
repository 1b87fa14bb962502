"""A loopback proxy for the local AWS that counts calls, delays them, and makes some of them fail.

The emulator always responds within a millisecond, which AWS does not. The caller decides what
happens to each call (`decide`).
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from scripts.local.ports import HOST
from scripts.local.proxy.aws_calls import Call, call_of
from scripts.local.proxy.fates import STATUSES, Fate, How, Tally
from scripts.local.proxy.http_messages import Head, copy, read_head

_MAX_HEAD: Final = 256 * 1024
_NO_BODY: Final = {204, 304}
# The names of retryable errors in the JSON protocols.
_JSON_NAMES: Final = {"SlowDown": "ThrottlingException", "InternalError": "InternalServerError"}


@dataclass
class Proxy:
    """A running proxy; see `running_proxy`.

    Attributes:
        upstream: The port of the local AWS.
        decide: Returns what to do to a call; called in the proxy's thread. Can be replaced.
        tally: The counters. Can be replaced.
        port: The port on loopback.
    """

    upstream: int
    decide: Callable[[Call], Fate]
    tally: Tally = field(default_factory=Tally)
    port: int = 0

    @property
    def url(self) -> str:
        """The endpoint of every AWS service."""
        return f"http://{HOST}:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a client's connection with a separate connection to AWS."""
        link = _Link(self, reader, writer)
        # If the client or the server closes its connection, close the other one.
        gone = (OSError, EOFError, ValueError, asyncio.LimitOverrunError)
        try:
            with contextlib.suppress(*gone):
                while await link.pass_one_on():
                    pass
        finally:
            link.close()


@dataclass
class _Link:
    proxy: Proxy
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _up: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def pass_one_on(self) -> bool:
        """Pass on one request and its response; return whether the connection stays open."""
        head = await read_head(self.reader)
        if head is None:
            return False
        tally, call = self.proxy.tally, call_of(head.line, head.fields)
        fate = self.proxy.decide(call)
        tally.calls[call.service, call.operation] += 1
        tally.fates[fate.how] += 1
        await asyncio.sleep(fate.delay)
        if head.fields.pop("expect", ""):
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if fate.how is How.REFUSE:
            await copy(head.body(self.reader), None)
            self._say(call, fate.code)
            return True
        up_reader, up_writer = await self._upstream()
        up_writer.write(bytes(head))
        tally.sent += await copy(head.body(self.reader), up_writer)
        answer = await read_head(up_reader)
        if answer is None:
            return False
        target = self.writer if fate.how is How.PASS else None
        if target:
            target.write(bytes(answer))
        if not (head.line.startswith("HEAD ") or answer.status in _NO_BODY):
            tally.received += await copy(answer.body(up_reader), target)
        if fate.how is How.LOSE:
            self._say(call, "InternalError")
        if not answer.keeps_alive:
            self._hang_up()
        return answer.keeps_alive and fate.how is not How.CUT

    async def _upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._up is None or self._up[0].at_eof():
            self._hang_up()
            self._up = await asyncio.open_connection(HOST, self.proxy.upstream, limit=_MAX_HEAD)
        return self._up

    def _say(self, call: Call, code: str) -> None:
        if call.service == "s3":
            kind, body = "application/xml", f"<Error><Code>{code}</Code></Error>"
        elif call.service == "cloudfront":
            error = f"<Error><Type>Sender</Type><Code>{code}</Code></Error>"
            kind, body = "text/xml", f"<ErrorResponse>{error}</ErrorResponse>"
        else:
            kind = "application/x-amz-json-1.0"
            body = json.dumps({"__type": _JSON_NAMES.get(code, code), "message": "by the proxy"})
        fields = {"content-type": kind, "content-length": str(len(body))}
        self.writer.write(bytes(Head(f"HTTP/1.1 {STATUSES[code]} {code}", fields)) + body.encode())

    def _hang_up(self) -> None:
        if self._up is not None:
            self._up[1].close()
            self._up = None

    def close(self) -> None:
        self._hang_up()
        self.writer.close()


@contextlib.contextmanager
def running_proxy(
    upstream: int, decide: Callable[[Call], Fate] = lambda _call: Fate(), port: int = 0
) -> Iterator[Proxy]:
    """Run a proxy while the context is active.

    Args:
        upstream: The port of the local AWS.
        decide: Returns what to do to a call.
        port: The port on loopback; 0 for any free port.

    Yields:
        The proxy, ready for requests.
    """
    proxy = Proxy(upstream, decide, port=port)
    started, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        server = await asyncio.start_server(proxy.serve, HOST, port, limit=_MAX_HEAD, backlog=512)
        proxy.port = server.sockets[0].getsockname()[1]
        started.set()
        await stop.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), name="proxy")
    thread.start()
    started.wait()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
