"""Parse all events that can invoke the function."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lambda_indexer.errors import InvalidEventError
from lambda_indexer.events.messages import ObjectEvent, Request
from lambda_indexer.events.parsing import parse

RECORD = {
    "eventSource": "aws:s3",
    "eventName": "ObjectCreated:Put",
    "eventTime": "2026-11-22T10:00:00.123Z",
    "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
    "s3": {"bucket": {"name": "b"}, "object": {"key": "foo/foo-1%212.0%2Bcu1+x.whl"}},
}
S3_PART = {"bucket": {"name": "b"}, "object": {"key": "k"}}
EXPECTED = ObjectEvent(
    "b",
    "foo/foo-1!2.0+cu1 x.whl",
    datetime(2026, 11, 22, 10, 0, 0, 123000, UTC),
    "AWS:AIDAEXAMPLE",
)
S3 = {"Records": [RECORD]}
SNS_ENVELOPE = {"Type": "Notification", "Message": json.dumps(S3)}


def sqs(*bodies: Any) -> dict[str, Any]:
    """Return an SQS event with a message for each body."""
    return {
        "Records": [
            {
                "eventSource": "aws:sqs",
                "messageId": str(number),
                "receiptHandle": f"handle {number}",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q",
                "attributes": {"ApproximateReceiveCount": "3"},
                "body": body if isinstance(body, str) else json.dumps(body),
            }
            for number, body in enumerate(bodies)
        ]
    }


@pytest.mark.parametrize(
    "event",
    [
        S3,
        sqs(S3),
        sqs(SNS_ENVELOPE),
        {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": json.dumps(S3)}}]},
    ],
    ids=["direct", "sqs", "sns in sqs", "sns"],
)
def test_an_event_arrives(event: dict[str, Any]) -> None:
    """The key is decoded."""
    [message] = parse(event)
    assert message.error is None
    assert message.objects == (EXPECTED,)


@pytest.mark.parametrize("wrap", [lambda event: event, sqs], ids=["direct", "sqs"])
def test_an_event_arrives_through_eventbridge(wrap: Any) -> None:
    """Its keys are not encoded."""
    event = {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2026-11-22T10:00:00Z",
        "detail": {
            "bucket": {"name": "b"},
            "object": {"key": "foo/foo-1.0+cu%21.whl"},
            "requester": "123456789012",
        },
    }
    [message] = parse(wrap(event))
    assert message.objects == (
        ObjectEvent(
            "b", "foo/foo-1.0+cu%21.whl", datetime(2026, 11, 22, 10, tzinfo=UTC), "123456789012"
        ),
    )


def test_a_message_keeps_what_sqs_says_of_it() -> None:
    """It is needed for the response and the retry."""
    message = parse(sqs(S3, S3))[1]
    assert (message.id, message.receipt_handle, message.receive_count) == ("1", "handle 1", 3)
    assert message.queue_arn.endswith(":q")


@pytest.mark.parametrize("wrap", [lambda event: event, sqs], ids=["direct", "sqs"])
def test_the_test_event_asks_for_nothing(wrap: Any) -> None:
    """S3 sends it when notifications are set up."""
    [message] = parse(wrap({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}))
    assert message.error is None
    assert message.objects == ()


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        "[]",
        "{}",
        '{"Records": [{"eventSource": "aws:s3"}]}',
        '{"Records": [{"eventSource": "aws:kinesis"}]}',
        '{"Records": [7]}',
        '{"Type": "Notification"}',
        '{"source": "aws.s3"}',
        json.dumps({"Records": [{**RECORD, "s3": {**S3_PART, "bucket": {"name": 7}}}]}),
        json.dumps({"Records": [{**RECORD, "s3": {**S3_PART, "object": {"key": ["k"]}}}]}),
        json.dumps({"source": "aws.s3", "detail": {"bucket": {"name": "b"}, "object": {"key": 1}}}),
        "[" * 100_000,
        '{"source": "s3pypi", "bucket": "b", "regenerate": [7], "fresh": false}',
        '{"source": "s3pypi", "bucket": "b", "regenerate": ["f/"], "fresh": true, "announced": "x"}',  # noqa: E501
        '{"source": "s3pypi", "regenerate": ["foo/"], "fresh": false}',
        '{"source": "s3pypi", "bucket": "b", "file": 7}',
    ],
)
def test_what_is_no_event_fails_alone(body: str) -> None:
    """Other messages of the batch are not affected."""
    bad, good = parse(sqs(body, S3))
    assert isinstance(bad.error, InvalidEventError)
    assert bad.objects == ()
    assert good.objects == (EXPECTED,)


@pytest.mark.parametrize("event", [None, 7, "text", [], {}, {"Records": []}, {"detail": {}}])
def test_an_invocation_with_nothing_known_is_an_error_or_nothing(event: Any) -> None:
    """No invocation makes the parser itself fail."""
    [message] = parse(event)
    assert message.objects == ()
    assert (message.error is None) == (event == {"Records": []})


def test_a_nest_of_envelopes_is_refused() -> None:
    """The depth of wrapping is limited."""
    event: dict[str, Any] = S3
    for _ in range(10):
        event = {"Type": "Notification", "Message": json.dumps(event)}
    [message] = parse(event)
    assert message.error is not None


@pytest.mark.parametrize("time", ["yesterday", None, 7, "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("identity", [None, {}, {"principalId": {"a": 1}}, "root"])
def test_nothing_but_the_key_is_relied_upon(time: Any, identity: Any) -> None:
    """An invalid time or principal is ignored."""
    record = {**RECORD, "eventTime": time, "userIdentity": identity}
    [message] = parse(sqs({"Records": [record]}))
    assert message.error is None
    assert message.objects == (ObjectEvent("b", EXPECTED.key),)


def test_requests_of_the_function_to_itself() -> None:
    """The requests of a rebuild are parsed."""
    body = {"source": "s3pypi", "bucket": "b", "regenerate": ["foo/"], "fresh": True, "file": ["k"]}
    [message] = parse(sqs(body))
    assert message.requests == (Request("b", "foo/", fresh=True), Request("b", key="k"))
