"""Parsing of S3's listings, compared with botocore's."""

import sys
from types import FrameType
from typing import Any

import boto3
import pytest
from botocore import handlers
from botocore.loaders import Loader

from lambda_indexer.aws.listing import LISTING_EVENT, read_contents, split_points
from lambda_indexer.aws.s3 import S3Storage
from tests.unit.cli.factories import Answers

OBJECT = (
    "<Contents><Key>{key}</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified>"
    "<ETag>&quot;{etag}&quot;</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass>"
    "</Contents>"
)
PREFIXES = "<CommonPrefixes><Prefix>foo/more/</Prefix></CommonPrefixes>"


def listing(contents: str, more: str = "") -> bytes:
    """Return a response to ListObjectsV2."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>'
        f"<Prefix>foo/</Prefix>{contents}<EncodingType>url</EncodingType><KeyCount>9</KeyCount>"
        f"{more}</ListBucketResult>"
    ).encode()


def client() -> Any:
    """Return a client of S3."""
    return boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )


def ask(body: bytes, *, ours: bool, status: int = 200) -> dict[str, Any]:
    """Return a client's result for a response, with either parser."""
    s3 = client()
    Answers(s3, lambda _request: (status, {}, body))
    if ours:
        s3.meta.events.register(LISTING_EVENT, read_contents)
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
        listing(
            "<Contents>\n<ChecksumAlgorithm>SHA256</ChecksumAlgorithm><ETag>&#34;e&quot;</ETag>"
            "<Key>a&amp;b</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>1</Size>"
            "<StorageClass>STANDARD</StorageClass></Contents>"
        ),
        listing(
            '<Contents>\n<Size>1</Size><ETag>"e"</ETag><StorageClass>STANDARD</StorageClass>'
            "<LastModified>2026-01-02T03:04:05.000Z</LastModified><Key>a</Key></Contents>"
        ),
    ],
    ids=["objects", "none", "directories", "other references", "another order"],
)
def test_it_reads_what_botocore_reads(body: bytes) -> None:
    """The results are equal for keys with any characters."""
    expected, found = ask(body, ours=False), ask(body, ours=True)
    used = {"Key", "ETag", "Size", "LastModified"}
    for answer in (expected, found):
        for item in answer.get("Contents", []):
            for name in item.keys() - used:
                del item[name]
    del expected["ResponseMetadata"], found["ResponseMetadata"]
    assert found == expected


@pytest.mark.parametrize("length", [0, 150, 200, 350, 450])
def test_an_answer_that_was_cut_short_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """A response that is truncated anywhere is requested again, as by botocore."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    whole = listing(OBJECT.format(key="k", etag="e", size=1) * 2)
    assert length < len(whole)
    with pytest.raises(Exception, match="ListObjectsV2"):
        ask(whole[: -1 - length], ours=True)


def test_a_long_listing_reads_no_description(monkeypatch: pytest.MonkeyPatch) -> None:
    """No paginator is used, because it loads descriptions in each thread."""
    s3 = client()
    more = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
    first = listing(OBJECT.format(key="foo/a", etag="e", size=1), more)
    last = listing(OBJECT.format(key="foo/b", etag="e", size=1), "<IsTruncated>false</IsTruncated>")
    Answers(s3, lambda request: (200, {}, last if "continuation-token=t" in request.url else first))
    monkeypatch.delattr(Loader, "load_service_model")
    assert [stored.key for stored in S3Storage(s3).walk("b", "foo/")] == ["foo/a", "foo/b"]
    s3.close()


def test_botocore_parses_no_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither botocore's parser nor its check for errors sees the objects."""
    parsed: list[bytes] = []
    looks: Any = handlers.__dict__["_looks_like_special_case_error"]

    def look(status: int, body: bytes) -> bool:
        parsed.append(body)
        return bool(looks(status, body))

    monkeypatch.setattr(handlers, "_looks_like_special_case_error", look)
    ask(listing(OBJECT.format(key="k", etag="e", size=1)), ours=True)
    assert len(parsed) == 1
    assert b"Contents" not in parsed[0]


def test_botocore_is_spared_the_objects() -> None:
    """The objects are removed from the body before botocore parses it."""
    answer: dict[str, Any] = {
        "status_code": 200,
        "body": listing(OBJECT.format(key="k", etag="e", size=1)),
    }
    found: dict[str, Any] = {}
    read_contents(answer, found)
    assert [item["Key"] for item in found["Contents"]] == ["k"]
    assert b"Contents" not in answer["body"]


def test_an_object_costs_one_call() -> None:
    """Each of a listing's thousands of objects takes one function call, which reads its time."""
    contents = OBJECT.format(key="k", etag="e", size=1) * 1_000
    answer: dict[str, Any] = {"status_code": 200, "body": listing(contents)}
    found: dict[str, Any] = {}
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        read_contents(answer, found)
    finally:
        sys.setprofile(None)
    assert len(found["Contents"]) == 1_000
    assert calls < 1_100


def test_split_points_make_parts_of_about_one_request() -> None:
    """No point is at the last key."""
    keys = [f"foo/{number:05}" for number in range(10_000)]
    points = split_points(reversed(keys), 900)
    assert points == [keys[number] for number in range(899, 9_999, 900)]
    assert split_points(keys[:900], 900) == []
    assert split_points([], 900) == []


def test_an_error_is_left_to_botocore() -> None:
    """Botocore parses all other responses."""
    with pytest.raises(Exception, match="SlowDown"):
        ask(
            b"<Error><Code>SlowDown</Code><Message><Contents></Contents></Message></Error>",
            ours=True,
            status=400,
        )
