"""Run the function in a separate process and measure it from inside; see `function.invoke`.

Standard input holds steps: an event to handle, or the URL of a queue to handle the messages of.
The measures are of all steps but the first, which makes the clients and opens the connections.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3

from lambda_indexer import handler as module
from lambda_indexer.aws.dynamodb import DynamoDBLockTable


class Context:
    """The context of an invocation with Lambda's maximum timeout."""

    aws_request_id = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        """Return 15 minutes."""
        return 900_000


def main() -> None:
    """Run the steps, and print their cost as JSON."""
    first, *others = json.load(sys.stdin)
    calls: Counter[str] = Counter()
    read = [0]
    _handle(first)
    assert module._service is not None
    assert isinstance(module._service.locks, DynamoDBLockTable)
    for client in (module._service.storage._s3, module._service.locks._dynamodb):
        client.meta.events.register("before-send.*", _counter(calls))
    module._service.storage._s3.meta.events.register("after-call.s3.*", _reader(read))
    idle = memory("VmRSS")
    cpu, clock = time.process_time(), time.perf_counter()
    for step in others:
        for event in _messages(step) if isinstance(step, str) else [step]:
            _handle(event)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - clock,
                "cpu": time.process_time() - cpu,
                "grown": memory("VmHWM") - idle,
                "read": read[0],
                "calls": calls,
            }
        )
    )


def _handle(event: Any) -> None:
    answer = module.handler(event, Context())
    if answer and answer.get("batchItemFailures"):
        raise RuntimeError(answer)


def _messages(queue: str) -> Iterator[dict[str, Any]]:
    """Yield the messages of a queue in batches, as Lambda receives them."""
    sqs = boto3.client("sqs")
    while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        yield {
            "Records": [
                {
                    "eventSource": "aws:sqs",
                    "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "attributes": {"ApproximateReceiveCount": "1"},
                    "body": message["Body"],
                }
                for message in found
            ]
        }
        for message in found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def _counter(calls: Counter[str]) -> Callable[..., None]:
    def count(event_name: str, **_: Any) -> None:
        calls[event_name.rpartition(".")[2]] += 1

    return count


def _reader(read: list[int]) -> Callable[..., None]:
    def add(event_name: str, parsed: Any, **_: Any) -> None:
        if event_name.endswith(".GetObject"):
            read[0] += parsed.get("ContentLength", 0)

    return add


def memory(name: str) -> int:
    """Bytes of memory that this process has, or had at most, by its name in `/proc`.

    Not as getrusage has it: a process is born with the maximum of the one that started it.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    [kibibytes] = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return int(kibibytes) * 1024


if __name__ == "__main__":
    main()
