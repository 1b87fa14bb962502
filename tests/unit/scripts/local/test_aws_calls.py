import pytest

from scripts.local.proxy.aws_calls import Call, call_of

SIGNED = "AWS4-HMAC-SHA256 Credential=AKIA/20261125/us-east-1/{}/aws4_request, SignedHeaders=host"


@pytest.mark.parametrize(
    ("line", "operation"),
    [
        ("GET /bucket?list-type=2&prefix=foo%2F HTTP/1.1", "ListObjectsV2"),
        ("GET /bucket/foo/index.json HTTP/1.1", "GetObject"),
        ("HEAD /bucket/foo/ HTTP/1.1", "HeadObject"),
        ("PUT /bucket/foo/ HTTP/1.1", "PutObject"),
        ("PUT /bucket HTTP/1.1", "PutBucket"),
        ("PUT /bucket/a?partNumber=1&uploadId=x HTTP/1.1", "UploadPart"),
        ("POST /bucket/a?uploads HTTP/1.1", "CreateMultipartUpload"),
        ("POST /bucket/a?uploadId=x HTTP/1.1", "CompleteMultipartUpload"),
        ("DELETE /bucket/a HTTP/1.1", "DeleteObject"),
        ("DELETE /bucket/a?uploadId=x HTTP/1.1", "AbortMultipartUpload"),
    ],
)
def test_s3_is_told_by_method_and_query(line: str, operation: str) -> None:
    """Operations of S3 are recognised by method and query."""
    call = call_of(line, {"authorization": SIGNED.format("s3")})
    assert (call.service, call.operation) == ("s3", operation)


def test_a_copy_is_not_a_put() -> None:
    """A header distinguishes CopyObject from PutObject."""
    call = call_of("PUT /bucket/a HTTP/1.1", {"x-amz-copy-source": "bucket/b"})
    assert call == Call("s3", "CopyObject", "/bucket/a")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("DynamoDB_20120810.UpdateItem", ("dynamodb", "UpdateItem")),
        ("AmazonSQS.SendMessageBatch", ("sqs", "SendMessageBatch")),
    ],
)
def test_services_of_json_name_the_operation(target: str, expected: tuple[str, str]) -> None:
    """JSON services have a header with the operation."""
    call = call_of("POST / HTTP/1.1", {"x-amz-target": target})
    assert (call.service, call.operation) == expected


def test_other_services_are_told_by_the_signature() -> None:
    """Other services are recognised by the signature, and their operations by the method."""
    line = "POST /2015-03-31/functions/f/invocations HTTP/1.1"
    call = call_of(line, {"authorization": SIGNED.format("lambda")})
    assert (call.service, call.operation) == ("lambda", "POST")
