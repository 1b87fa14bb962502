"""Our reading of S3's listings beside botocore's own."""

from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from lambda_indexer.listing import read_contents, split_points

OBJECT = (
    "<Contents><Key>{key}</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified>"
    "<ETag>&quot;{etag}&quot;</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass>"
    "</Contents>"
)
PREFIXES = "<CommonPrefixes><Prefix>foo/more/</Prefix></CommonPrefixes>"


def listing(contents: str, more: str = "") -> bytes:
    """S3's answer to ListObjectsV2."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>'
        f"<Prefix>foo/</Prefix>{contents}<EncodingType>url</EncodingType><KeyCount>9</KeyCount>"
        f"{more}</ListBucketResult>"
    ).encode()


def ask(body: bytes, *, ours: bool, status: int = 200) -> dict[str, Any]:
    """What a client makes of an answer, with our reading or without."""
    s3: Any = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )

    class Body:
        def stream(self) -> Any:
            yield body

    def answer(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, status, {}, Body())  # type: ignore[arg-type]

    s3.meta.events.register("before-send.s3", answer)
    if ours:
        s3.meta.events.register("before-parse.s3.ListObjectsV2", read_contents)
    found: dict[str, Any] = s3.list_objects_v2(Bucket="b", Prefix="foo/")
    s3.close()
    return found


@pytest.mark.parametrize(
    "body",
    [
        listing(
            OBJECT.format(key="foo/foo-1.0%2Bcu12%261-py3-none-any.whl", etag="a-2", size=5 << 40)
            + OBJECT.format(key="foo/%C3%A9%01+%3CContents%3E", etag="b", size=0),
            PREFIXES
            + "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>",
        ),
        listing("", "<IsTruncated>false</IsTruncated>"),
        listing("", PREFIXES),
    ],
    ids=["objects", "none", "directories"],
)
def test_it_reads_what_botocore_reads(body: bytes) -> None:
    """Keys with every kind of character, and all that is not an object, are the same."""
    expected, found = ask(body, ours=False), ask(body, ours=True)
    for item in expected.get("Contents", []):
        del item["StorageClass"]
    del expected["ResponseMetadata"], found["ResponseMetadata"]
    assert found == expected


def test_botocore_is_spared_the_objects() -> None:
    """Or its time would be spent all the same."""
    answer: dict[str, Any] = {
        "status_code": 200,
        "body": listing(OBJECT.format(key="k", etag="e", size=1)),
    }
    found: dict[str, Any] = {}
    read_contents(answer, found)
    assert [item["Key"] for item in found["Contents"]] == ["k"]
    assert b"Contents" not in answer["body"]


def test_split_points_make_parts_of_about_one_request() -> None:
    """After what is listed already, and none at the very end, where nothing is left."""
    keys = [f"foo/{number:05}" for number in range(10_000)]
    points = split_points(reversed(keys), keys[999])
    assert points == [keys[number] for number in range(1899, 9_999, 900)]
    assert split_points(keys[: 1_000 + 900], keys[999]) == []
    assert split_points([], "foo/") == []


def test_an_error_is_left_to_botocore() -> None:
    """Whatever its body holds."""
    with pytest.raises(Exception, match="SlowDown"):
        ask(
            b"<Error><Code>SlowDown</Code><Message><Contents></Contents></Message></Error>",
            ours=True,
            status=400,
        )
