"""Enforce IAM policies with moto, and add the conditions that moto lacks.

It looks at the action, the resource and the signature of every request. Of the services that are
used here it knows the resources of S3 only, and it takes an operation's name for its permission's:
both are mended here. What no test here can show, because moto does not know it: a policy's
conditions, the second permission that some requests need (the source of a copy, tags that are
copied), S3's 403 of a missing key to those who may not list the bucket, and what KMS would say.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import pytest
from moto.awslambda.responses import LambdaResponse
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.authorization import enable_iam_authentication
from moto.dynamodb.responses import DynamoHandler
from moto.iam import access_control
from moto.sqs.responses import SQSResponse

PERMISSIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
"""Of operations whose permission has another name, by AWS's service authorization reference."""


class _Request(access_control.IAMRequest):
    """A request with the name of its permission."""

    def __init__(self, *args: Any, **arguments: Any) -> None:
        super().__init__(*args, **arguments)
        self._action = PERMISSIONS.get(self._action, self._action)


def _table(request: Any) -> str:
    name = json.loads(request.raw_body)["TableName"]
    return f"arn:aws:dynamodb:{request.region}:{request.current_account}:table/{name}"


def _queue(request: Any) -> str:
    said = json.loads(request.raw_body)
    name = said.get("QueueName") or said["QueueUrl"].rpartition("/")[2]
    return f"arn:aws:sqs:{request.region}:{request.current_account}:{name}"


def _function(request: Any) -> str:
    name = unquote(request.path).partition("/functions/")[2].partition("/")[0]
    return f"arn:aws:lambda:{request.region}:{request.current_account}:function:{name}"


def _distribution(request: Any) -> str:
    name = request.path.partition("/distribution/")[2].partition("/")[0]
    return f"arn:aws:cloudfront::{request.current_account}:distribution/{name}"


@contextmanager
def enforced() -> Iterator[None]:
    """Enforce the policies for all requests in the context."""
    with pytest.MonkeyPatch.context() as patch, enable_iam_authentication():
        patch.setattr(access_control, "IAMRequest", _Request)
        for response, resource in (
            (DynamoHandler, _table),
            (SQSResponse, _queue),
            (LambdaResponse, _function),
            (CloudFrontResponse, _distribution),
        ):
            patch.setattr(response, "_determine_resource", resource, raising=False)
        yield
