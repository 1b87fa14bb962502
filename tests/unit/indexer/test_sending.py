"""The header Expect in PUT requests of the function."""

from typing import Any

import boto3
import pytest

from lambda_indexer.aws.expect_continue import AT_ONCE
from lambda_indexer.aws.s3 import S3Storage
from lambda_indexer.ports import PutOptions
from tests.unit.cli.factories import Answers


@pytest.mark.parametrize("size", [0, AT_ONCE, AT_ONCE + 1])
def test_small_pages_go_without_a_question(size: int) -> None:
    """Only large bodies are sent with `Expect: 100-continue`, which takes a round trip."""
    s3: Any = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    answers = Answers(s3, lambda _request: (200, {"ETag": '"e"'}, b""))
    S3Storage(s3).put("bucket", "key", bytes(size), PutOptions("text/html", "no-cache"), None)
    s3.close()
    [request] = answers.requests
    assert ("Expect" in request.headers) == (size > AT_ONCE)
