"""The adapter of SQS: delay failed messages, and send the messages of rebuilds."""

import json
import logging
import random
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import (  # noqa: TID251 - this adapter translates them
    BotoCoreError,
    ClientError,
)

from lambda_indexer.errors import InvalidEventError, LeaseHeldError, QueueError
from lambda_indexer.events.messages import Message
from lambda_indexer.events.queue import QueueState
from lambda_indexer.index.outcome import OutOfTimeError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_LONGEST: Final = 900
_FIRST: Final = 2.0
_BATCH: Final = 10

_log = logging.getLogger(__name__)


def seconds_until_retry(error: Exception, receive_count: int, jitter: float) -> int:
    """Return how long a failed message stays hidden, in whole seconds from 1 to 900.

    Args:
        error: The error of the message. A message that waits for a lease is hidden until the lease
            expires. An invalid message, or one that ran out of time, is retried at once. After any
            other error, the delay doubles with each attempt.
        receive_count: How often the message was delivered.
        jitter: A random number from 0 to 1.
    """
    # Retries cannot fix an invalid message, which should go to the dead-letter queue soon.
    if isinstance(error, InvalidEventError | OutOfTimeError):
        return 3
    if isinstance(error, LeaseHeldError):
        seconds = error.retry_after + 1 + 2 * jitter
    else:
        seconds = _FIRST ** min(receive_count, 10) * (0.5 + jitter)
    return max(1, min(_LONGEST, round(seconds)))


class Messages:
    """The function's queue; implements `commands.Queue`.

    Args:
        connect: Creates an SQS client; called on first use, because most events need none.
        queue: The URL of the function's queue, for commands; may be empty.
        dead_letters: The URL of its dead-letter queue; may be empty.
    """

    def __init__(
        self, connect: Callable[[], "SQSClient"], queue: str = "", dead_letters: str = ""
    ) -> None:
        self._connect = connect
        self._queue, self._dead_letters = queue, dead_letters
        self._urls: dict[str, str] = {}

    @cached_property
    def _sqs(self) -> "SQSClient":
        return self._connect()

    def close(self) -> None:
        """Close the connections."""
        self._sqs.close()

    def delay(self, message: Message, error: Exception) -> None:
        """Set the delay before a failed message is retried.

        If that fails, the queue's visibility timeout applies.
        """
        seconds = seconds_until_retry(error, message.receive_count, random.random())  # noqa: S311
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._url(message.queue_arn),
                ReceiptHandle=message.receipt_handle,
                VisibilityTimeout=seconds,
            )
        except (ClientError, BotoCoreError) as problem:
            _log.warning(
                "the delay of a failed message could not be set; it is retried later: %s", problem
            )

    def send(self, bodies: Iterable[Mapping[str, Any]]) -> int:
        """See `commands.Queue`. One request for each ten messages."""
        waiting = [json.dumps(body) for body in bodies]
        for start in range(0, len(waiting), _BATCH):
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(number), "MessageBody": body}
                for number, body in enumerate(waiting[start : start + _BATCH])
            ]
            try:
                answer = self._sqs.send_message_batch(QueueUrl=self._queue_url(), Entries=entries)
            except (ClientError, BotoCoreError) as error:
                raise QueueError(f"SQS failed to accept messages: {error}") from error
            if answer.get("Failed"):
                raise QueueError(f"SQS did not accept every message: {answer['Failed'][0]}")
        return len(waiting)

    def state(self) -> QueueState:
        """See `commands.Queue`."""
        try:
            own = self._attributes(self._queue_url())
            dead = self._attributes(self._dead_letters) if self._dead_letters else {}
        except (ClientError, BotoCoreError) as error:
            raise QueueError(f"SQS failed to describe the queue: {error}") from error
        return QueueState(
            waiting=own.get("ApproximateNumberOfMessages", 0)
            + own.get("ApproximateNumberOfMessagesDelayed", 0),
            in_flight=own.get("ApproximateNumberOfMessagesNotVisible", 0),
            dead=dead.get("ApproximateNumberOfMessages", 0),
        )

    def _queue_url(self) -> str:
        if not self._queue:
            raise QueueError(
                "S3PYPI_QUEUE_URL is not set; it is the URL of the function's own queue"
            )
        return self._queue

    def _attributes(self, url: str) -> dict[str, int]:
        answer = self._sqs.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesDelayed",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )
        return {name: int(value) for name, value in answer.get("Attributes", {}).items()}

    def _url(self, arn: str) -> str:
        if arn not in self._urls:
            *_, account, name = arn.split(":")
            answer = self._sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)
            self._urls[arn] = answer["QueueUrl"]
        return self._urls[arn]
