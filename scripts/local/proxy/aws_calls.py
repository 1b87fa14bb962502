"""Determine the AWS operation of an HTTP request. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

_SCOPE: Final = re.compile(r"Credential=[^/]+/[0-9]+/[^/]+/([a-z0-9-]+)/aws4_request")


@dataclass(frozen=True, slots=True)
class Call:
    """A request to AWS.

    Attributes:
        service: The service, such as `s3`, `dynamodb`, `sqs`.
        operation: The operation, such as `PutObject`.
        path: The path, without the query.
        headers: The headers, by name in lower case.
    """

    service: str
    operation: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)


def call_of(line: str, headers: Mapping[str, str]) -> Call:
    """Return the AWS call of a request.

    Args:
        line: The request line.
        headers: The headers, by name in lower case.
    """
    method, target, _ = line.split(" ", 2)
    url = urlsplit(target)
    if "x-amz-target" in headers:
        service, _, operation = headers["x-amz-target"].partition(".")
        return Call(
            service.split("_")[0].removeprefix("Amazon").lower(), operation, url.path, headers
        )
    scope = _SCOPE.search(headers.get("authorization", ""))
    service = scope[1] if scope else "s3"
    if service != "s3":
        return Call(service, method, url.path, headers)
    operation = _s3(method, url.path, parse_qs(url.query, keep_blank_values=True), headers)
    return Call("s3", operation, url.path, headers)


def _s3(method: str, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str]) -> str:
    if "uploadId" in query or "uploads" in query:
        parts = {
            "POST": "CreateMultipartUpload" if "uploads" in query else "CompleteMultipartUpload",
            "PUT": "UploadPartCopy" if "x-amz-copy-source" in headers else "UploadPart",
            "DELETE": "AbortMultipartUpload",
        }
        return parts.get(method, "ListParts")
    if method == "GET" and "list-type" in query:
        return "ListObjectsV2"
    if method == "PUT" and "x-amz-copy-source" in headers:
        return "CopyObject"
    if method == "POST":
        return "DeleteObjects"
    return method.title() + ("Object" if path.strip("/").count("/") else "Bucket")
