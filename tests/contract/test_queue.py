"""The contract of the queue, for the fake and the adapter."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from lambda_indexer.aws.sqs import Messages
from lambda_indexer.events.queue import Queue, QueueState
from tests.fakes import MemoryQueue

if TYPE_CHECKING:
    from scripts.local.clients import Clients


@pytest.fixture(params=["memory", "clients", "moto_clients"])
def queue(request: pytest.FixtureRequest) -> Iterator[Queue]:
    """The fake, then the real adapter on each emulator."""
    if request.param == "memory":
        yield MemoryQueue()
        return
    clients: Clients = request.getfixturevalue(request.param)
    urls = [clients.sqs.create_queue(QueueName=f"queue-{uuid4()}")["QueueUrl"] for _ in range(2)]
    yield Messages(lambda: clients.sqs, *urls)
    for url in urls:
        clients.sqs.delete_queue(QueueUrl=url)


def test_all_messages_arrive(queue: Queue) -> None:
    """All messages arrive, even more than fit into one request."""
    assert queue.state() == QueueState(0, 0, 0)
    assert queue.send({"number": number, "text": "ü"} for number in range(23)) == 23
    assert queue.state() == QueueState(23, 0, 0)


def test_nothing_to_send(queue: Queue) -> None:
    """Sending nothing makes no request: SQS refuses an empty batch."""
    assert queue.send([]) == 0
    assert queue.state() == QueueState(0, 0, 0)
