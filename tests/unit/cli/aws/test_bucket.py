import hashlib
import io
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader

from s3pypi import errors
from s3pypi.aws.bucket import S3Bucket
from s3pypi.aws.clients import AT_ONCE, dynamodb_client, s3_client
from s3pypi.bucket import Deleted, Page
from s3pypi.digest import MIB, Part
from tests.unit.cli.factories import Answers

DIGEST = hashlib.sha256(b"content").digest()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set credentials that are easy to find in logs."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the-token")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


def refusing(code: str, status: int = 400, message: str = "said S3") -> S3Bucket:
    """Return a bucket whose requests all fail with a code."""
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    client = s3_client()
    Answers(client, lambda _request: (status, {}, body))
    return S3Bucket(client, "bucket")


@pytest.mark.parametrize(
    ("code", "status", "kind", "message"),
    [
        ("AccessDenied", 403, errors.ForbiddenError, "said S3; the credentials need s3:PutObject"),
        ("PreconditionFailed", 412, errors.ExistsError, "it already exists"),
        ("ConditionalRequestConflict", 409, errors.ConflictError, "another client is writing"),
        ("OperationAborted", 409, errors.ConflictError, "another client is writing"),
        ("NoSuchBucket", 404, errors.SetupError, "no such bucket; check --bucket"),
        ("ExpiredToken", 400, errors.CredentialsError, "invalid or expired"),
        ("InvalidAccessKeyId", 403, errors.CredentialsError, "invalid or expired"),
        ("SignatureDoesNotMatch", 403, errors.CredentialsError, "invalid or expired"),
        ("RequestTimeTooSkewed", 403, errors.SetupError, "clock"),
        (
            "AuthorizationHeaderMalformed",
            400,
            errors.SetupError,
            "in another region; .* --region",
        ),
        ("BadDigest", 400, errors.AwsError, "differs from the file that was checked"),
        ("SlowDown", 503, errors.AwsError, r"said S3 \(SlowDown\)"),
        ("KMS.DisabledException", 400, errors.AwsError, r"said S3 \(KMS"),
    ],
)
def test_codes(code: str, status: int, kind: type[errors.AwsError], message: str) -> None:
    """Each error code has a message with the request and advice."""
    with pytest.raises(errors.AwsError, match=message) as caught:
        refusing(code, status).put("key", io.BytesIO(b"content"), DIGEST, replace=False)
    assert caught.type is kind
    assert str(caught.value).startswith("cannot write s3://bucket/key: ")
    for secret in ("AKIDEXAMPLE", "the-secret", "the-token"):
        assert secret not in str(caught.value)


def test_only_a_missing_key_is_missing() -> None:
    """Missing buckets and server errors are not missing objects."""
    with pytest.raises(errors.MissingError):
        refusing("NoSuchKey", 404).get("key")
    for code, status in (("NoSuchBucket", 404), ("InternalError", 500), ("AccessDenied", 403)):
        with pytest.raises(errors.AwsError) as caught:
            refusing(code, status).get("key")
        assert caught.type is not errors.MissingError


@pytest.mark.parametrize(
    ("status", "kind"), [(404, errors.MissingError), (403, errors.ForbiddenError)]
)
def test_head_without_a_body(status: int, kind: type[errors.AwsError]) -> None:
    """A response to HEAD only has a status."""
    client = s3_client()
    Answers(client, lambda _request: (status, {}, b""))
    with pytest.raises(kind):
        S3Bucket(client, "bucket").head("key")


HTML = {"Content-Type": "text/html; charset=utf-8"}
PART = Part(1, 0, 7, DIGEST)


@pytest.mark.parametrize(
    "answer",
    [
        (200, HTML, b"<!DOCTYPE html><html><body>Welcome</body></html>"),
        (200, HTML, b"<html><p>unclosed"),
        (301, {"Location": "https://example.com/"}, b""),
        (301, HTML, b"<html><body>moved</body></html>"),
        (403, HTML, b"<html><body>forbidden</body></html>"),
        (404, HTML, b"<html><body>not found</body></html>"),
    ],
)
@pytest.mark.parametrize(
    "act",
    [
        lambda bucket: bucket.put("key", io.BytesIO(b"content"), DIGEST, replace=False),
        lambda bucket: bucket.put_marker("key", b"content", "text/plain"),
        lambda bucket: bucket.head("key"),
        lambda bucket: bucket.get("key"),
        lambda bucket: bucket.read_start("key", 100),
        lambda bucket: list(bucket.list("demo/")),
        lambda bucket: bucket.delete("key"),
        lambda bucket: bucket.start_parts("key"),
        lambda bucket: bucket.put_part("key", "upload", PART, io.BytesIO(b"content")),
        lambda bucket: bucket.complete_parts("key", "upload", [(PART, "etag")], replace=False),
    ],
    ids=[
        *("put", "put_marker", "head", "get", "read_start", "list", "delete", "start", "part"),
        "complete",
    ],
)
def test_answers_that_are_not_s3s(
    act: Callable[[S3Bucket], object], answer: tuple[int, dict[str, str], bytes]
) -> None:
    """A web page or a redirect is not treated as a response of S3."""
    client = s3_client()
    Answers(client, lambda _request: answer)
    with pytest.raises(errors.AwsError) as caught:
        act(S3Bucket(client, "bucket"))
    assert caught.type is errors.SetupError
    assert re.search("check --endpoint-url|set it with --region", str(caught.value))


def test_list_and_delete_name_their_permissions() -> None:
    """A refusal names the required permission."""
    with pytest.raises(errors.ForbiddenError, match="s3:ListBucket"):
        list(refusing("AccessDenied", 403).list("demo/"))
    with pytest.raises(errors.ForbiddenError, match="s3:DeleteObject"):
        refusing("AccessDenied", 403).delete("key")


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


def test_put_marker_names_its_permission() -> None:
    """A refusal names the required permission."""
    with pytest.raises(errors.ForbiddenError, match="s3:PutObject"):
        refusing("AccessDenied", 403).put_marker("key", b"", "text/plain")


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


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing credentials are reported."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(errors.CredentialsError, match="no AWS credentials were found"):
        S3Bucket(s3_client(), "bucket").delete("key")


def test_no_signing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests can be sent without credentials."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    client = s3_client(sign=False)
    answers = Answers(client, lambda _request: (204, {}, b""))
    S3Bucket(client, "bucket").delete("key")
    assert "Authorization" not in answers.requests[0].headers


def test_unreachable() -> None:
    """An unreachable endpoint is named."""
    client = s3_client(endpoint_url="http://127.0.0.1:1")
    with pytest.raises(errors.AwsError, match=r"127\.0\.0\.1:1/.*check the network"):
        S3Bucket(client, "bucket").delete("key")


def test_bad_configuration() -> None:
    """A configuration error is reported."""
    with pytest.raises(errors.AwsError, match=r"cannot use S3: .*nobody"):
        s3_client(profile="nobody")
    with pytest.raises(errors.AwsError, match="cannot use S3: Invalid endpoint"):
        s3_client(endpoint_url="nonsense")
    with pytest.raises(errors.AwsError, match=r"cannot use S3: .*no such region"):
        s3_client(region="no such region")
    with pytest.raises(errors.AwsError, match=r"[Ii]nvalid bucket name"):
        S3Bucket(s3_client(), "Not A Bucket").delete("key")


def test_missing_credential_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing credential process is named."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    config = tmp_path / "config"
    config.write_text("[default]\ncredential_process = /no/such/program\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    with pytest.raises(errors.AwsError, match=r"cannot use S3: .*/no/such/program"):
        s3_client()


def test_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB requires a region."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(errors.AwsError, match="no region is set; set one with --region"):
        dynamodb_client()


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
    with pytest.raises(errors.ChangedError, match="it has changed; look again"):
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


def test_verbose_shows_where_requests_go(capsys: pytest.CaptureFixture[str]) -> None:
    """`-v` shows the endpoint, the identity and each request, without secrets."""
    logger = logging.getLogger("s3pypi")
    handler, level = logging.StreamHandler(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        client = s3_client()
        Answers(client, lambda _request: (200, {"ETag": '"e"', "Content-Length": "7"}, b""))
        bucket = S3Bucket(client, "bucket")
        bucket.head("demo/demo-1.0.tar.gz")
        bucket.put_marker("demo/demo-1.0.tar.gz.yanked", b"", "text/plain")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    said = capsys.readouterr().err
    host = "https://s3.eu-west-1.amazonaws.com"
    assert said.splitlines() == [
        f"s3: {host} in eu-west-1 as access key AKIDEXAMPLE (env)",
        "HEAD https://bucket.s3.eu-west-1.amazonaws.com/demo/demo-1.0.tar.gz",
        "PUT https://bucket.s3.eu-west-1.amazonaws.com/demo/demo-1.0.tar.gz.yanked",
    ]


def test_silence_without_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    """Without `-v`, none of that is shown."""
    client = s3_client()
    Answers(client, lambda _request: (200, {"ETag": '"e"', "Content-Length": "7"}, b""))
    S3Bucket(client, "bucket").head("demo/demo-1.0.tar.gz")
    assert capsys.readouterr().err == ""
