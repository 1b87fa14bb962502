"""The deployment's resources, made anew in the local AWS.

What Terraform makes of AWS: the bucket and its notifications, the queue and its dead-letter queue,
the lock table, the function and the mapping between queue and function. Its logs as well.
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
# The distributions of the design's section 2, and the two markers.
UPLOADED = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".yanked", ".project-status")
GENERATED = (".metadata", "index.json", "index.html", "/")
EVENTS: "dict[str, tuple[EventType, ...]]" = {
    **dict.fromkeys(UPLOADED, ("s3:ObjectCreated:*", "s3:ObjectRemoved:*")),
    **dict.fromkeys(GENERATED, ("s3:ObjectRemoved:*",)),
}
"""What S3 tells the function, by the suffix of the keys."""

_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_POLL_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the deployment is set up.

    Attributes:
        bucket: The bucket's name; the other names are made from it.
        function_timeout: Seconds an invocation may take.
        memory: The function's memory in MiB.
        environment: More variables for the function.
        visibility_timeout: Seconds until the messages of an invocation that was killed come back;
            None for half a minute more than `function_timeout`, as the deployment has it.
        max_receive_count: Deliveries before a message goes to the dead-letter queue.
        batch_size: Messages per invocation at most.
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
    """The deployment's names, and what one asks of it.

    Attributes:
        clients: How to reach it.
        bucket: The bucket's name.
        table: The lock table's name.
        queue_url: The queue's address.
        dlq_url: The dead-letter queue's address.
        function: The function's name.
    """

    clients: Clients
    bucket: str
    table: str
    queue_url: str
    dlq_url: str
    function: str = FUNCTION

    def messages(self, queue_url: str) -> int:
        """Count the messages of a queue, those under way included.

        Args:
            queue_url: `queue_url` or `dlq_url`.

        Returns:
            The number of messages.
        """
        answer = self.clients.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])
        return sum(int(value) for name, value in answer["Attributes"].items() if name in _COUNTS)

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until every event has been dealt with.

        Args:
            seconds: How long at most.

        Returns:
            Whether the queue is empty now. Failed messages stay in it until they have succeeded or
            are dead letters.
        """
        deadline = time.monotonic() + seconds
        while self.messages(self.queue_url):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def function_log(self) -> list[str]:
        """Read what the function has logged.

        Returns:
            The lines of all invocations that have ended, oldest first, with Lambda's own START,
            END and REPORT lines. Empty before the first.
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
