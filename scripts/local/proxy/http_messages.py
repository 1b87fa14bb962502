"""Read and write HTTP/1.1 messages as streams (RFC 9112): a head, and a body in chunks."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request or a response.

    Attributes:
        line: The first line.
        fields: The header fields, by name in lower case.
    """

    line: str
    fields: dict[str, str]

    def __bytes__(self) -> bytes:
        lines = [self.line, *(f"{name}: {value}" for name, value in self.fields.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1")

    @property
    def status(self) -> int:
        """The status of a response."""
        return int(self.line.split()[1])

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection stays open after a response."""
        closes = self.fields.get("connection", "").lower() == "close"
        return self._framed and not closes

    @property
    def _framed(self) -> bool:
        return not {"content-length", "transfer-encoding"}.isdisjoint(self.fields) or (
            self.line.startswith("HTTP/") and self.status in {204, 304}
        )

    async def body(self, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
        """Yield the body of the message, including its framing."""
        if "chunked" in self.fields.get("transfer-encoding", "").lower():
            async for piece in _chunked(reader):
                yield piece
        elif not self._framed and self.line.startswith("HTTP/"):
            while piece := await reader.read(_CHUNK):
                yield piece
        else:
            async for piece in _exactly(reader, int(self.fields.get("content-length", 0))):
                yield piece


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """Read a head; return None if the connection ends before it."""
    try:
        text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    line, *fields = text.split("\r\n")[:-2]
    pairs = (each.partition(":") for each in fields)
    return Head(line, {name.strip().lower(): value.strip() for name, _, value in pairs})


async def copy(body: AsyncIterator[bytes], target: asyncio.StreamWriter | None) -> int:
    """Copy a body, or discard it if there is no target; return its length in bytes."""
    total = 0
    async for piece in body:
        total += len(piece)
        if target is not None:
            target.write(piece)
            await target.drain()
    return total


async def _exactly(reader: asyncio.StreamReader, length: int) -> AsyncIterator[bytes]:
    while length:
        piece = await reader.readexactly(min(length, _CHUNK))
        length -= len(piece)
        yield piece


async def _chunked(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    size = -1
    while size:
        line = await reader.readuntil(b"\r\n")
        yield line
        size = int(line.split(b";")[0], 16)
        if size:
            async for piece in _exactly(reader, size + 2):
                yield piece
    while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
        yield line
    yield line
