"""Repeated attempts of a call are executed once."""

import asyncio

import pytest

from .repeats import Message, Receive, Remembering, Send


class Counter:
    """An application with numbered responses; those to a body of `fail` are errors."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, _: Message, receive: Receive, send: Send) -> None:
        self.calls += 1
        number = self.calls
        status = 500 if (await receive())["body"] == b"fail" else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b"%d" % number, "more_body": True})
        await send({"type": "http.response.body", "body": b"."})


@pytest.fixture
def app() -> Remembering:
    """Provide an application that remembers the responses of a `Counter`."""
    return Remembering(Counter())


async def ask(app: Remembering, call: bytes | None, body: bytes = b"") -> bytes:
    """The body of the answer to one attempt, which sends its own body in two parts."""
    parts = iter(
        [
            {"type": "http.request", "body": body, "more_body": True},
            {"type": "http.request", "body": b"", "more_body": False},
        ]
    )
    sent: list[Message] = []

    async def receive() -> Message:
        return next(parts)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if call is None else [(b"amz-sdk-invocation-id", call)]
    await app({"type": "http", "headers": headers}, receive, send)
    return b"".join(message.get("body", b"") for message in sent)


def one_by_one(app: Remembering, *attempts: tuple[bytes | None, bytes]) -> list[bytes]:
    """Make attempts one by one, and return the responses."""

    async def all_of_them() -> list[bytes]:
        return [await ask(app, *attempt) for attempt in attempts]

    return asyncio.run(all_of_them())


def test_an_attempt_that_succeeded_is_answered_again(app: Remembering) -> None:
    """It gets the same response; other calls do not."""
    said = one_by_one(app, (b"a", b""), (b"a", b""), (b"b", b""), (b"a", b""))
    assert said == [b"1.", b"1.", b"2.", b"1."]


def test_an_attempt_waits_for_the_one_before(app: Remembering) -> None:
    """It may arrive while the first one is in progress."""

    async def both() -> list[bytes]:
        return list(await asyncio.gather(ask(app, b"a"), ask(app, b"a")))

    assert asyncio.run(both()) == [b"1.", b"1."]


def test_an_attempt_that_failed_is_made_again(app: Remembering) -> None:
    """Failed attempts are executed again."""
    assert one_by_one(app, (b"a", b"fail"), (b"a", b""), (b"a", b"")) == [b"1.", b"2.", b"2."]


def test_a_request_without_a_call_is_not_remembered(app: Remembering) -> None:
    """Requests of pip and browsers are not cached."""
    assert one_by_one(app, (None, b""), (None, b"")) == [b"1.", b"2."]
