"""The resources of a local deployment, and their state.

They are those that Terraform creates: the bucket with its notifications, the queue and its
dead-letter queue, the lock table, the function and its event source mapping.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.local.clients import Clients

if TYPE_CHECKING:
    from mypy_boto3_s3.literals import EventType

FUNCTION = "s3pypi-indexer"
HANDLER = "lambda_indexer.handler.handler"
# Distributions and markers.
UPLOADED = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".yanked", ".project-status")
GENERATED = (".metadata", "index.json", "index.html", "/")
EVENTS: "dict[str, tuple[EventType, ...]]" = {
    **dict.fromkeys(UPLOADED, ("s3:ObjectCreated:*", "s3:ObjectRemoved:*")),
    **dict.fromkeys(GENERATED, ("s3:ObjectRemoved:*",)),
}
"""The events of S3 by the suffix of the key."""

_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_POLL_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a local deployment.

    Attributes:
        bucket: The bucket's name, from which other names are derived.
        function_timeout: The timeout of the function in seconds.
        memory: The function's memory in MiB.
        environment: Additional environment variables of the function.
        visibility_timeout: The visibility timeout of the queue in seconds; None for half a minute
            more than `function_timeout`, as in Terraform.
        max_receive_count: The number of deliveries before a message goes to the dead-letter queue.
        batch_size: The maximum number of messages in an invocation.
    """

    bucket: str = "s3pypi-local"
    function_timeout: int = 60
    memory: int = 512
    environment: Mapping[str, str] = field(default_factory=dict)
    visibility_timeout: int | None = None
    max_receive_count: int = 10
    batch_size: int = 10


@dataclass(frozen=True)
class Resources:
    """The resources of a local deployment.

    Attributes:
        clients: The clients.
        bucket: The bucket's name.
        table: The lock table's name.
        queue_url: The URL of the queue.
        dlq_url: The URL of the dead-letter queue.
        function: The function's name.
    """

    clients: Clients
    bucket: str
    table: str
    queue_url: str
    dlq_url: str
    function: str = FUNCTION

    def messages(self, queue_url: str) -> int:
        """Return the number of messages in a queue, including those in flight.

        Args:
        queue_url: `queue_url` or `dlq_url`.
        """
        answer = self.clients.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])
        return sum(int(value) for name, value in answer["Attributes"].items() if name in _COUNTS)

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until all events have been processed.

        Args:
            seconds: The timeout.

        Returns:
            Whether the queue is empty. Failed messages stay in it until they succeed or go to the
            dead-letter queue.
        """
        deadline = time.monotonic() + seconds
        while self.messages(self.queue_url):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def function_log(self) -> list[str]:
        """Return the lines of the function's log, oldest first.

        They include Lambda's START, END and REPORT lines, and only finished invocations.
        """
        pages = self.clients.logs.get_paginator("filter_log_events")
        try:
            return [
                event["message"].rstrip("\n")
                for page in pages.paginate(logGroupName=f"/aws/lambda/{self.function}")
                for event in page["events"]
            ]
        except self.clients.logs.exceptions.ResourceNotFoundException:
            return []
