"""Parse the events that invoke the function. Pure.

S3 events arrive directly, in SQS messages, from SNS (also inside SQS), or through EventBridge. They
may be duplicated, late, or out of order, so only the key is used.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote_plus

from lambda_indexer.errors import InvalidEventError
from lambda_indexer.events.messages import Message, ObjectEvent, Request

_TEST_EVENT: Final = "s3:TestEvent"
_REMOVALS: Final = ("ObjectRemoved:", "LifecycleExpiration:")
_MAX_DEPTH: Final = 4  # S3 in SNS in SQS, and one more


def parse(event: Any) -> list[Message]:
    """Parse the event of an invocation.

    Args:
        event: The event, parsed from JSON.

    Returns:
        The messages. A message in an unknown format has its `error` set; the others are not
        affected.
    """
    records = event.get("Records") if isinstance(event, Mapping) else None
    if isinstance(records, list) and records and _source(records[0]) == "aws:sqs":
        return [_sqs(record) for record in records]
    try:
        return [Message(tuple(_objects(event)))]
    except InvalidEventError as error:
        return [Message((), error=error)]


def _sqs(record: Mapping[str, Any]) -> Message:
    objects: tuple[ObjectEvent, ...] = ()
    requests: tuple[Request, ...] = ()
    problem = None
    try:
        body = _json(record.get("body"))
        if isinstance(body, Mapping) and body.get("source") == "s3pypi":
            requests = tuple(_requests(body))
        else:
            objects = tuple(_objects(body))
    except InvalidEventError as error:
        problem = error
    return Message(
        objects,
        requests,
        problem,
        record["messageId"],
        record.get("receiptHandle", ""),
        record.get("eventSourceARN", ""),
        int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)),
    )


def _objects(event: Any, depth: int = 0) -> Iterator[ObjectEvent]:
    if not isinstance(event, Mapping) or depth > _MAX_DEPTH:
        raise InvalidEventError(f"not an event of S3: {_short(event)}")
    try:
        if event.get("Event") == _TEST_EVENT:
            return
        if event.get("Type") == "Notification":
            yield from _objects(_json(event["Message"]), depth + 1)
        elif event.get("source") == "aws.s3":
            yield _eventbridge(event)
        elif isinstance(event.get("Records"), list):
            for record in event["Records"]:
                if _source(record) == "aws:sns":
                    yield from _objects(_json(record["Sns"]["Message"]), depth + 1)
                elif _source(record) == "aws:s3":
                    yield _s3(record)
                else:
                    raise InvalidEventError(f"not a record of S3: {_short(record)}")
        else:
            raise InvalidEventError(f"not an event of S3: {_short(event)}")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InvalidEventError(f"malformed event ({error!r}): {_short(event)}") from error


def _s3(record: Mapping[str, Any]) -> ObjectEvent:
    # Keys in these records are form-encoded: https://docs.aws.amazon.com/AmazonS3/latest/
    # userguide/notification-content-structure.html
    identity = record.get("userIdentity")
    return ObjectEvent(
        _text(record["s3"]["bucket"]["name"]),
        unquote_plus(_text(record["s3"]["object"]["key"]), errors="strict"),
        _time(record.get("eventTime")),
        _optional(identity.get("principalId") if isinstance(identity, Mapping) else None),
        str(record.get("eventName")).removeprefix("s3:").startswith(_REMOVALS),
        _optional(record["s3"]["object"].get("eTag")),
        _size(record["s3"]["object"].get("size")),
    )


def _eventbridge(event: Mapping[str, Any]) -> ObjectEvent:
    detail = event["detail"]  # keys are not encoded here
    return ObjectEvent(
        _text(detail["bucket"]["name"]),
        _text(detail["object"]["key"]),
        _time(event.get("time")),
        _optional(detail.get("requester")),
        event.get("detail-type") == "Object Deleted",
        _optional(detail["object"].get("etag")),
        _size(detail["object"].get("size")),
    )


def _requests(body: Mapping[str, Any]) -> Iterator[Request]:
    try:
        for directory in body.get("regenerate", []):
            yield Request(
                _text(body["bucket"]),
                directory=_text(directory),
                fresh=body["fresh"] is True,
                announced=None if body.get("announced") is None else int(body["announced"]),
            )
        for key in body.get("file", []):
            yield Request(_text(body["bucket"]), key=_text(key))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidEventError(f"malformed request ({error!r}): {_short(body)}") from error


def _source(record: Any) -> str | None:
    if not isinstance(record, Mapping):
        return None
    return record.get("eventSource") or record.get("EventSource")


def _json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidEventError(f"not JSON: {_short(text)}") from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is not a string")
    return value


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _optional(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _size(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _short(value: Any) -> str:
    return repr(value)[:200]
