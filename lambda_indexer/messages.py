"""SQS: when a message that failed comes back."""

import logging
import random
from typing import TYPE_CHECKING, Final

from botocore.exceptions import (  # noqa: TID251 - this adapter is where they are translated
    BotoCoreError,
    ClientError,
)

from lambda_indexer.errors import LeaseHeldError
from lambda_indexer.events import Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_LONGEST: Final = 900
_FIRST: Final = 2.0

_log = logging.getLogger(__name__)


def seconds_until_retry(error: Exception, receive_count: int, jitter: float) -> int:
    """How long a message that failed stays hidden.

    Args:
        error: what it failed with. A lease that is held says itself when it is over; after
            anything else the pause doubles with each try.
        receive_count: how often the message has been handed out.
        jitter: from 0 to 1.

    Returns:
        Whole seconds, from 1 to 900.
    """
    if isinstance(error, LeaseHeldError):
        seconds = error.retry_after + 1 + 2 * jitter
    else:
        seconds = _FIRST ** min(receive_count, 10) * (0.5 + jitter)
    return max(1, min(_LONGEST, round(seconds)))


class Messages:
    """The queue's side of failed messages, over one client."""

    def __init__(self, client: "SQSClient") -> None:
        self._sqs = client
        self._urls: dict[str, str] = {}

    def close(self) -> None:
        """Close the connections."""
        self._sqs.close()

    def delay(self, message: Message, error: Exception) -> None:
        """Have a message that failed come back when it makes sense.

        If that cannot be set, the queue's own visibility timeout holds, which is only slower.
        """
        seconds = seconds_until_retry(error, message.receive_count, random.random())  # noqa: S311
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._url(message.queue_arn),
                ReceiptHandle=message.receipt_handle,
                VisibilityTimeout=seconds,
            )
        except (ClientError, BotoCoreError) as problem:
            _log.warning("a failed message comes back late: %s", problem)

    def _url(self, arn: str) -> str:
        if arn not in self._urls:
            *_, account, name = arn.split(":")
            answer = self._sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)
            self._urls[arn] = answer["QueueUrl"]
        return self._urls[arn]
