"""The emulator, with a memory for responses to repeated calls.

On a busy machine the HTTP client of Terraform's AWS provider now and then closes its connection
when the head of the answer arrives, before the body, and the SDK makes another attempt. The first
one has been carried out, and for a dashboard that is gone already the provider fails. AWS's SDKs
send the same `amz-sdk-invocation-id` with each attempt of a call. So a call that succeeded gets the
same answer again. `running_emulator` runs this file in place of ministack.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ministack.app  # type: ignore[import-untyped]

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


@dataclass(frozen=True)
class _Call:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    answer: list[Message] = field(default_factory=list)


class Remembering:
    """An ASGI application that executes a call once, however often it is attempted."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._calls: defaultdict[bytes, _Call] = defaultdict(_Call)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"]) if scope["type"] == "http" else {}
        invocation = headers.get(b"amz-sdk-invocation-id")
        if invocation is None:
            await self._app(scope, receive, send)
            return
        call = self._calls[invocation]
        async with call.lock:
            if call.answer:
                await _repeat(call.answer, receive, send)
            else:
                await self._answer(call, scope, receive, send)

    async def _answer(self, call: _Call, scope: Message, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)
            await send(message)

        await self._app(scope, receive, keep)
        if messages[0]["status"] < 300:
            call.answer.extend(messages)


async def _repeat(messages: list[Message], receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass  # a connection is used again only if the request was read
    for message in messages:
        await send(message)


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parents[2]))
    from scripts.local.guarded_emulator import share_code

    share_code()
    ministack.app.app = Remembering(ministack.app.app)
    ministack.app.main()
