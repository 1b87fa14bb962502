"""What the handlers of botocore's events save; without one of these rows, there is none.

No request leaves the process, so only processor time is measured, and what a request says.
"""

from collections.abc import Callable
from io import BytesIO
from time import process_time
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from lambda_indexer.aws.s3 import S3Storage
from lambda_indexer.ports import PutOptions
from s3pypi.aws.clients import s3_client
from tests.benchmarks.lab import Lab
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures

OBJECTS = 1_000
_NOWHERE = "http://127.0.0.1:9"
_OPTIONS = PutOptions("text/plain", "no-cache")
_CONTENTS = "".join(
    f"<Contents><Key>foo/foo-1.{number}-py3-none-any.whl</Key><Size>1</Size>"
    f"<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;{number:032}&quot;</ETag>"
    "<StorageClass>STANDARD</StorageClass></Contents>"
    for number in range(OBJECTS)
)
_LISTING = f"<ListBucketResult><IsTruncated>false</IsTruncated>{_CONTENTS}</ListBucketResult>"


class _Body(BytesIO):
    def stream(self) -> list[bytes]:
        """Return the content, as urllib3 does."""
        return [self.read()]


class _Answers:
    """Answers the requests of a client in its process.

    Attributes:
        asked: For each request, whether it asks before it sends its body.
    """

    def __init__(self, client: Any, body: str = "") -> None:
        self._body = body.encode()
        self.asked: list[bool] = []
        client.meta.events.register("before-send.s3", self)

    def __call__(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.asked.append("Expect" in request.headers)
        headers = HTTPHeaders.from_dict({"ETag": '"0"', "Content-Length": str(len(self._body))})
        return AWSResponse(request.url, 200, headers, _Body(self._body))


def measure(lab: Lab) -> list[Row]:
    """List a thousand objects and put a small one, with the handlers and without them."""
    ours, bare = _client(), _client()
    storage = S3Storage(ours)
    for client in (ours, bare):
        _Answers(client, _LISTING)

    def times(run: Callable[[], object]) -> Sample:
        return Sample.of(lab.runs(25), lambda: _processor_time(run))

    fast = times(lambda: storage.list("bucket", "foo/"))
    slow = times(lambda: bare.list_objects_v2(Bucket="bucket", Prefix="foo/"))
    return [
        Row(
            what=f"handler: LIST of {OBJECTS:,} objects",
            ratio=f"{figures(fast.over(slow))} x",
            ours=f"{fast.shown()} CPU",
            beside=f"botocore alone: {slow.shown()} CPU",
            aim="0.5 x or less",
            met=fast.over(slow) <= 0.5,
            note="One request and its answer, which do not leave the process."
            " The handler is in `lambda_indexer/aws/listing.py`.",
        ),
        _small_puts(),
    ]


def _small_puts() -> Row:
    """Count the requests that ask before they send."""
    function, command, bare = _client(), s3_client(endpoint_url=_NOWHERE, sign=False), _client()
    ours, alone = [_Answers(client) for client in (function, command)], _Answers(bare)
    S3Storage(function).put("bucket", "foo/foo-1-py3-none-any.whl.metadata", b"?", _OPTIONS, None)
    for client in (command, bare):
        client.put_object(Bucket="bucket", Key="foo/foo-1-py3-none-any.whl", Body=b"?")
    asking, theirs = sum(sum(each.asked) for each in ours), sum(alone.asked)
    return Row(
        what="handlers: PUT of a small object",
        ratio=f"{asking} / {theirs}",
        ours=f"function and command: {asking} of 2 ask first",
        beside=f"botocore alone: {theirs} of 1",
        aim="0 / 1",
        met=(asking, theirs) == (0, 1),
        note="A request with `Expect: 100-continue` waits for an answer before it sends its body,"
        " which is one more round trip. The handlers are in `lambda_indexer/aws/expect_continue.py`"
        " and `cli/s3pypi/aws/clients.py`.",
    )


def _client() -> Any:
    key = "benchmark"
    return boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=_NOWHERE,
        aws_access_key_id=key,
        aws_secret_access_key=key,
    )


def _processor_time(run: Callable[[], object]) -> float:
    started = process_time()
    run()
    return process_time() - started
