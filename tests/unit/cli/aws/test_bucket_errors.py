"""Errors of S3, and responses that are not from S3, are translated."""

import hashlib
import io
import re
from collections.abc import Callable

import pytest

from s3pypi import errors
from s3pypi.aws.bucket import S3Bucket
from s3pypi.digest import Part
from tests.unit.cli.aws.refusals import refusing, shared_client
from tests.unit.cli.factories import Answers

pytestmark = pytest.mark.usefixtures("credentials")

DIGEST = hashlib.sha256(b"content").digest()


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
    client = shared_client()
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
    client = shared_client()
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


def test_put_marker_names_its_permission() -> None:
    """A refusal names the required permission."""
    with pytest.raises(errors.ForbiddenError, match="s3:PutObject"):
        refusing("AccessDenied", 403).put_marker("key", b"", "text/plain")
