"""The requests that the adapter of S3 sends, and the responses that it understands."""

import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.loaders import Loader

from s3pypi import errors
from s3pypi.aws.bucket import S3Bucket
from s3pypi.aws.clients import AT_ONCE, s3_client
from s3pypi.bucket import Deleted, Page
from s3pypi.digest import MIB
from tests.unit.cli.aws.refusals import refusing
from tests.unit.cli.factories import Answers

pytestmark = pytest.mark.usefixtures("credentials")

DIGEST = hashlib.sha256(b"content").digest()


def test_list_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pages of a listing are read, with one request each."""

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        rest = "continuation-token=more" in request.url
        more = "" if rest else "<NextContinuationToken>more</NextContinuationToken>"
        return (
            200,
            {},
            "<ListBucketResult><Name>bucket</Name>"
            f"<IsTruncated>{str(not rest).lower()}</IsTruncated>{more}"
            f"<Contents><Key>demo/{int(rest)}</Key></Contents></ListBucketResult>".encode(),
        )

    client = s3_client()
    answers = Answers(client, answer)
    monkeypatch.delattr(Loader, "load_service_model")  # hundreds of directories looked through
    assert list(S3Bucket(client, "bucket").list("demo/")) == ["demo/0", "demo/1"]
    assert len(answers.requests) == 2
    assert "delimiter=%2F" in answers.requests[0].url


def answered(headers: dict[str, str], **put_args: Any) -> tuple[S3Bucket, list[Any]]:
    """Return a bucket whose requests all succeed, and its requests."""
    client = s3_client()
    answers = Answers(client, lambda _request: (200, {"ETag": '"e"', **headers}, b""))
    return S3Bucket(client, "bucket", put_args), answers.requests


def test_put_request() -> None:
    """The request is conditional, with a checksum and without an encoding."""
    bucket, requests = answered({})
    assert bucket.put("key+1", io.BytesIO(b"content"), DIGEST, replace=False) == "e"
    (request,) = requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert request.url.endswith("/key%2B1")
    assert headers["if-none-match"] == b"*"
    assert headers["content-type"] == b"application/octet-stream"
    assert headers["cache-control"] == b"public, max-age=31536000, immutable"
    assert headers["x-amz-checksum-sha256"] == b"7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M="
    assert "content-encoding" not in headers
    assert "x-amz-trailer" not in headers


def test_put_by_force() -> None:
    """A forced write has no condition."""
    bucket, requests = answered({})
    bucket.put("key", io.BytesIO(b"content"), DIGEST, replace=True)
    assert "If-None-Match" not in requests[0].headers


def test_put_marker_request() -> None:
    """A marker has its own type, is not cached, and written unconditionally."""
    bucket, requests = answered(
        {},
        CacheControl="public, max-age=60",
        ContentType="application/octet-stream",
        SSECustomerAlgorithm="AES256",
        SSECustomerKey="k" * 32,
        ServerSideEncryption="aws:kms",
    )
    bucket.put_marker("demo/a.whl.yanked", b"content", "text/plain; charset=utf-8")
    (request,) = requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert request.body.getvalue() == b"content"
    assert headers["cache-control"] == b"no-cache"
    assert headers["content-type"] == b"text/plain; charset=utf-8"
    assert headers["x-amz-checksum-sha256"] == b"7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M="
    assert headers["x-amz-server-side-encryption"] == b"aws:kms"
    assert "x-amz-server-side-encryption-customer-key" not in headers
    assert "if-none-match" not in headers


def test_parameters_follow_to_other_requests() -> None:
    """A customer's key is sent with all requests for files, but not for pages."""
    bucket, requests = answered(
        {"Content-Length": "0"},
        SSECustomerAlgorithm="AES256",
        SSECustomerKey="k" * 32,
        RequestPayer="requester",
        ACL="private",
    )
    bucket.head("key")
    bucket.get("demo/index.json", Page(b"", "known"))
    bucket.delete("key")
    key = "x-amz-server-side-encryption-customer-key"
    assert [key in request.headers for request in requests] == [True, False, False]
    assert all("x-amz-request-payer" in request.headers for request in requests)
    assert not any("x-amz-acl" in request.headers for request in requests)
    assert requests[1].headers["If-None-Match"] == b'"known"'


@pytest.mark.parametrize(
    ("headers", "is_md5"),
    [
        ({}, True),
        ({"x-amz-server-side-encryption": "AES256"}, True),
        ({"x-amz-server-side-encryption": "aws:kms"}, False),
        ({"x-amz-server-side-encryption-customer-algorithm": "AES256"}, False),
        ({"ETag": '"e-2"'}, False),
    ],
)
def test_which_etags_are_md5(headers: dict[str, str], *, is_md5: bool) -> None:
    """Only the ETag of an unencrypted object from one request is an MD5."""
    bucket, _requests = answered({"Content-Length": "3", **headers})
    assert bucket.head("key").etag_is_md5 is is_md5


@pytest.mark.parametrize("size", [0, AT_ONCE, AT_ONCE + 1])
def test_small_files_go_without_a_question(size: int) -> None:
    """Small files are sent without Expect: 100-continue."""
    client = s3_client()
    answers = Answers(client, lambda _request: (200, {"ETag": '"e"'}, b""))
    S3Bucket(client, "bucket").put("key", io.BytesIO(bytes(size)), DIGEST, replace=False)
    [request] = answers.requests
    assert ("Expect" in request.headers) == (size > AT_ONCE)


COPIED = b"<CopyObjectResult><ETag>&quot;new&quot;</ETag></CopyObjectResult>"
PART_COPIED = (
    b"<CopyPartResult><ETag>&quot;part&quot;</ETag>"
    b"<ChecksumSHA256>c3Vt</ChecksumSHA256></CopyPartResult>"
)


def copying(size: int) -> tuple[S3Bucket, list[Any]]:
    """Return a bucket with an object of a size that can be copied, and the requests."""

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        if request.method == "HEAD":
            headers = {"ETag": '"old"', "Content-Length": str(size), "Cache-Control": "no-store"}
            return 200, headers | {"x-amz-meta-by": "me"}, b""
        if request.url.endswith("?tagging"):
            tag = b"<Tag><Key>team</Key><Value>a b</Value></Tag>"
            return 200, {}, b"<Tagging><TagSet>" + tag + b"</TagSet></Tagging>"
        if request.url.endswith("?uploads"):
            return 200, {}, b"<R><UploadId>upload</UploadId></R>"
        if request.method == "POST":
            return 200, {}, b"<R><ETag>&quot;new&quot;</ETag></R>"
        return 200, {}, PART_COPIED if "partNumber" in request.url else COPIED

    client = s3_client()
    return S3Bucket(client, "bucket", {"StorageClass": "STANDARD_IA"}), Answers(
        client, answer
    ).requests


def test_copy_request() -> None:
    """A copy is conditional for source and target, and S3 computes a SHA-256."""
    bucket, requests = copying(1000)
    assert bucket.copy("dev/a+b.whl", "prod/a+b.whl", "old") == "new"
    head, put = requests
    assert head.headers["If-Match"] == b'"old"'
    assert put.headers["x-amz-copy-source"] == b"bucket/dev/a%2Bb.whl"
    assert put.headers["x-amz-copy-source-if-match"] == b'"old"'
    assert put.headers["If-None-Match"] == b"*"
    assert put.headers["x-amz-checksum-algorithm"] == b"SHA256"
    assert put.headers["x-amz-storage-class"] == b"STANDARD_IA"


def test_copy_of_a_large_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over 5 GiB, a copy has parts, conditions, metadata and tags."""
    monkeypatch.setattr("s3pypi.aws.copying.part_size_for", lambda _: 2 * 1024 * MIB)
    size = 5 * 1024 * MIB + 1
    bucket, requests = copying(size)
    assert bucket.copy("dev/a.whl", "prod/a.whl", "old") == "new"
    start, *parts, end = requests[2:]
    assert start.headers["x-amz-tagging"] == b"team=a+b"
    assert start.headers["x-amz-meta-by"] == b"me"
    assert start.headers["Cache-Control"] == b"no-store"
    assert start.headers["x-amz-storage-class"] == b"STANDARD_IA"
    ranges = sorted(each.headers["x-amz-copy-source-range"] for each in parts)
    assert ranges == [
        b"bytes=0-2147483647",
        b"bytes=2147483648-4294967295",
        f"bytes=4294967296-{size - 1}".encode(),
    ]
    assert {each.headers["x-amz-copy-source-if-match"] for each in parts} == {b'"old"'}
    assert end.headers["If-None-Match"] == b"*"


def test_failing_copy_of_a_large_object() -> None:
    """A failed multipart copy is aborted."""
    client = s3_client()

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        if request.method == "HEAD":
            return 200, {"ETag": '"old"', "Content-Length": str(6 * 1024 * MIB)}, b""
        if request.url.endswith("?uploads"):
            return 200, {}, b"<R><UploadId>upload</UploadId></R>"
        if request.url.endswith("?tagging"):
            return 200, {}, b"<Tagging><TagSet/></Tagging>"
        if request.method == "PUT":
            return 412, {}, b"<Error><Code>PreconditionFailed</Code></Error>"
        return (204 if request.method == "DELETE" else 200), {}, b""

    answers = Answers(client, answer)
    with pytest.raises(errors.ExistsError):
        S3Bucket(client, "bucket").copy("a", "b", "old")
    assert answers.requests[-1].method == "DELETE"


def test_conditional_delete() -> None:
    """A changed object is not deleted, which is an error."""
    bucket, requests = answered({})
    bucket.delete("key", "etag")
    assert requests[0].headers["If-Match"] == b'"etag"'
    with pytest.raises(
        errors.ChangedError, match="it has changed meanwhile; run the command again"
    ):
        refusing("PreconditionFailed", 412).delete("key", "etag")


def test_deleted_objects() -> None:
    """The newest version of each deleted object is found on all pages, and restored."""

    def entry(kind: str, key: str, version: str, *, latest: bool) -> str:
        return (
            f"<{kind}><Key>demo/{key}</Key><VersionId>{version}</VersionId>"
            f"<IsLatest>{str(latest).lower()}</IsLatest>"
            f"<LastModified>2026-11-26T09:30:0{version}Z</LastModified></{kind}>"
        )

    first = (
        entry("DeleteMarker", "a", "3", latest=True)
        + entry("Version", "a", "2", latest=False)
        + entry("Version", "a", "1", latest=False)
        + entry("Version", "b", "1", latest=True)
        + entry("DeleteMarker", "c", "3", latest=True)
        + "<NextKeyMarker>demo/c</NextKeyMarker><NextVersionIdMarker>3</NextVersionIdMarker>"
    )
    second = entry("DeleteMarker", "c", "2", latest=False) + entry(
        "Version", "c", "1", latest=False
    )

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        if request.method == "HEAD":
            return 200, {"ETag": '"old"', "Content-Length": "1"}, b""
        if request.method == "PUT":
            return 200, {}, COPIED
        rest = "key-marker" in request.url
        body = f"<IsTruncated>{str(not rest).lower()}</IsTruncated>{second if rest else first}"
        name = "ListVersionsResult"
        return 200, {}, f"<{name}><Name>bucket</Name>{body}</{name}>".encode()

    client = s3_client()
    answers = Answers(client, answer)
    bucket = S3Bucket(client, "bucket")
    found = list(bucket.list_deleted("demo/"))
    when = datetime(2026, 11, 26, 9, 30, 3, tzinfo=UTC)
    assert found == [Deleted("demo/a", "2", when), Deleted("demo/c", "1", when)]
    bucket.restore(found[0])
    put = answers.requests[-1]
    assert put.headers["x-amz-copy-source"] == b"bucket/demo/a?versionId=2"
    assert put.headers["If-None-Match"] == b"*"
