"""The contract of the storage, for the fake and the adapter."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from lambda_indexer.aws import copying
from lambda_indexer.aws.s3 import S3Storage
from lambda_indexer.aws.s3_errors import check_plain, translated, translated_read
from lambda_indexer.errors import (
    ChangedError,
    ObjectMissingError,
    StorageError,
    UnreadableError,
)
from lambda_indexer.files.inspection import digest
from lambda_indexer.model import ETag, StoredObject
from lambda_indexer.ports import PutOptions, Storage
from scripts.local.clients import Clients
from tests.fakes import MemoryStorage, checksum

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

OPTIONS = PutOptions("text/plain", "no-store")
PART = 5 << 20
MOTO_LIMITS = {
    "test_a_move_overwrites_nothing": "ignores If-None-Match of a copy",
    "test_moving_another_version_than_the_one_named": "ignores the condition on a copy's source",
    "test_the_checksum_is_the_digest_of_the_whole_object": "does not answer with a checksum",
}


LARGE = sorted(["foo/", *(f"foo/é{number:04}" for number in range(1020))])


@dataclass
class Store:
    """A storage, a bucket in it, and two ways in which clients upload files."""

    storage: Storage
    bucket: str
    upload: Callable[[str, bytes], None]
    upload_checked: Callable[[str, bytes], None]

    def stored(self, key: str) -> StoredObject:
        """Return the current state of an object."""
        return self.storage.head(self.bucket, key)


@pytest.fixture(params=["memory", "clients", "moto_clients"])
def store(request: pytest.FixtureRequest) -> Store:
    """Provide the fake, then the real adapter on each emulator, with an empty bucket."""
    limit = MOTO_LIMITS.get(request.node.originalname)
    if limit and request.param == "moto_clients":
        request.applymarker(pytest.mark.xfail(reason=f"moto {limit}", strict=True))
    return new_store(request)


@pytest.fixture(scope="module", params=["memory", "clients"])
def large(request: pytest.FixtureRequest) -> Store:
    """Provide the same with the objects of `LARGE` and some others, for tests that only list."""
    store = new_store(request)
    for key in [*LARGE, "foo/deeper/and/x", "foo0", "fo"]:
        store.upload(key, key.encode())
    return store


def new_store(request: pytest.FixtureRequest) -> Store:
    """Return the store of a fixture's parameter, with an empty bucket."""
    bucket = f"bucket-{uuid4()}"
    if request.param == "memory":
        memory = MemoryStorage()
        return Store(
            memory,
            bucket,
            lambda key, body: memory.upload(bucket, key, body),
            lambda key, body: memory.upload(bucket, key, body, checksum=True),
        )
    s3 = request.getfixturevalue(request.param).s3
    s3.create_bucket(Bucket=bucket)
    return Store(
        S3Storage(s3),
        bucket,
        lambda key, body: s3.put_object(Bucket=bucket, Key=key, Body=body),
        lambda key, body: s3.put_object(
            Bucket=bucket, Key=key, Body=body, ChecksumSHA256=checksum(body)
        ),
    )


def test_a_list_shows_one_directory(store: Store) -> None:
    """It contains the directory's own key, no deeper keys, and odd keys unchanged."""
    keys = ["foo/", "foo/a+b!c d.whl", "foo/b%20", "foo/index.json"]
    for key in [*keys, "foo/deeper/x", "foobar/x", "index.json"]:
        store.upload(key, key.encode())
    listed = store.storage.list(store.bucket, "foo/")
    assert [stored.key for stored in listed] == keys
    assert [stored.size for stored in listed] == [len(key) for key in keys]
    same = store.stored("foo/a+b!c d.whl")
    assert (listed[1].key, listed[1].etag, listed[1].size) == (same.key, same.etag, same.size)
    assert listed[1].last_modified.utcoffset() == timedelta(0)
    assert list(store.storage.list(store.bucket, "none/")) == []


def test_directories_right_below(store: Store) -> None:
    """Each is returned once, in order, regardless of its content."""
    for key in ("p/b/x", "p/b/y", "p/a/c/z", "p/file", "q/r/x"):
        store.upload(key, b"")
    assert list(store.storage.directories(store.bucket, "p/")) == ["p/a/", "p/b/"]
    assert {"p/", "q/"} <= set(store.storage.directories(store.bucket, ""))
    assert list(store.storage.directories(store.bucket, "none/")) == []


def test_a_walk_shows_everything_below(large: Store) -> None:
    """All objects are returned at any depth, even more than a thousand."""
    found = [stored.key for stored in large.storage.walk(large.bucket, "foo/")]
    assert found == sorted([*LARGE, "foo/deeper/and/x"])
    assert list(large.storage.walk(large.bucket, "none/")) == []


def test_a_list_is_complete_beyond_a_thousand(large: Store) -> None:
    """Pagination loses nothing."""
    assert [stored.key for stored in large.storage.list(large.bucket, "foo/")] == LARGE


@pytest.mark.parametrize(
    ("known", "every"),
    [
        (LARGE, 100),
        (LARGE[::2], 100),
        # An answer has up to a thousand objects from its key on: at the end, parts are cheap.
        *((known, every) for known in (LARGE[-30:], LARGE[-30::2]) for every in (1, 7, 100)),
        *((known, every) for known in (["foo/z", "a", "foo/é1001x"], []) for every in (1, 7, 100)),
    ],
    ids=lambda value: f"{len(value)}-known" if isinstance(value, list) else f"every-{value}",
)
def test_a_list_by_known_keys_is_the_same(
    large: Store, monkeypatch: pytest.MonkeyPatch, known: list[str], every: int
) -> None:
    """With any known keys, each object is listed once and in order."""
    monkeypatch.setattr("lambda_indexer.aws.s3.EVERY", every)
    listed = large.storage.list(large.bucket, "foo/", lambda: known)
    assert [stored.key for stored in listed] == LARGE


def test_reading(store: Store) -> None:
    """An object is read whole, by range and as a stream, in the named version."""
    store.upload("k", b"0123456789")
    etag = store.stored("k").etag
    assert store.storage.get(store.bucket, "k") == (b"0123456789", etag)
    assert store.storage.get(store.bucket, "k", etag) == (b"0123456789", etag)
    assert store.storage.get_range(store.bucket, "k", 2, 5, etag) == b"234"


def test_the_digest_of_a_large_object(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read in ranges side by side, all of the version that is named."""
    monkeypatch.setattr("lambda_indexer.files.read_ahead.BLOCK", 1000)
    body = bytes(range(256)) * 250 + b"end"
    store.upload("k", body)
    stored = store.stored("k")
    assert digest(store.storage, store.bucket, stored) == hashlib.sha256(body).hexdigest()
    store.upload("k", bytes(len(body)))
    with pytest.raises(ChangedError):
        digest(store.storage, store.bucket, stored)


def test_reading_another_version_than_the_one_named(store: Store) -> None:
    """Each way of reading reports that the object has changed."""
    store.upload("k", b"new")
    old = ETag("0" * 32)
    with pytest.raises(ChangedError):
        store.storage.get(store.bucket, "k", old)
    with pytest.raises(ChangedError):
        store.storage.get_range(store.bucket, "k", 0, 1, old)
    with pytest.raises(ChangedError):
        store.storage.sha256(store.bucket, "k", old)


def test_reading_what_is_not_there(store: Store) -> None:
    """A missing object has its own error, with every condition."""
    with pytest.raises(ObjectMissingError):
        store.storage.get(store.bucket, "k")
    with pytest.raises(ObjectMissingError):
        store.storage.get(store.bucket, "k", ETag("0" * 32))
    with pytest.raises(ObjectMissingError):
        store.storage.head(store.bucket, "k")


def test_the_checksum_is_the_digest_of_the_whole_object(store: Store) -> None:
    """It is None if the client sent none."""
    store.upload_checked("with", b"content")
    store.upload("without", b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    assert store.storage.sha256(store.bucket, "with", store.stored("with").etag) == digest
    assert store.storage.sha256(store.bucket, "without", store.stored("without").etag) is None


def test_creating(store: Store) -> None:
    """An object is only created if the key is unused."""
    etag = store.storage.put(store.bucket, "k", b"1", OPTIONS, None)
    assert store.stored("k").etag == etag
    with pytest.raises(ChangedError):
        store.storage.put(store.bucket, "k", b"2", OPTIONS, None)
    assert store.storage.get(store.bucket, "k")[0] == b"1"


def test_replacing(store: Store) -> None:
    """An object is only replaced in the named version."""
    first = store.storage.put(store.bucket, "k", b"1", OPTIONS, None)
    second = store.storage.put(store.bucket, "k", b"2", OPTIONS, first)
    with pytest.raises(ChangedError):
        store.storage.put(store.bucket, "k", b"3", OPTIONS, first)
    assert store.storage.get(store.bucket, "k") == (b"2", second)
    with pytest.raises(ChangedError):
        store.storage.put(store.bucket, "gone", b"3", OPTIONS, second)


def test_deleting(store: Store) -> None:
    """An object is only deleted in the named version; a missing one is no error."""
    etag = store.storage.put(store.bucket, "k", b"1", OPTIONS, None)
    with pytest.raises(ChangedError):
        store.storage.delete(store.bucket, "k", ETag("0" * 32))
    store.storage.delete(store.bucket, "k", etag)
    store.storage.delete(store.bucket, "k", etag)
    with pytest.raises(ObjectMissingError):
        store.storage.head(store.bucket, "k")


@pytest.mark.parametrize("in_parts", [False, True])
def test_moving(store: Store, in_parts: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content is only at the target afterwards, for every size."""
    if in_parts:
        monkeypatch.setattr(copying, "MAX_COPY", PART)
    body = bytes(range(256)) * (2 * PART // 256 + 1)
    store.upload("from/a+b c.whl", body)
    store.storage.move(store.bucket, store.stored("from/a+b c.whl"), "to/a+b c.whl")
    assert store.storage.get(store.bucket, "to/a+b c.whl")[0] == body
    with pytest.raises(ObjectMissingError):
        store.storage.head(store.bucket, "from/a+b c.whl")


def test_moving_another_version_than_the_one_named(store: Store) -> None:
    """Nothing is copied or deleted."""
    store.upload("from", b"old")
    old = store.stored("from")
    store.upload("from", b"new")
    with pytest.raises(ChangedError):
        store.storage.move(store.bucket, old, "to")
    assert store.storage.get(store.bucket, "from")[0] == b"new"
    with pytest.raises(ObjectMissingError):
        store.storage.head(store.bucket, "to")


def test_a_missing_bucket_is_not_a_missing_object(clients: Clients) -> None:
    """A missing bucket is not treated as a missing object."""
    storage = S3Storage(clients.s3)
    for call in (
        lambda: storage.list("no-such-bucket", "foo/"),
        lambda: storage.get("no-such-bucket", "k"),
        lambda: storage.put("no-such-bucket", "k", b"", OPTIONS, None),
    ):
        with pytest.raises(StorageError) as caught:
            call()
        assert not isinstance(caught.value, ObjectMissingError | ChangedError)


def test_an_endpoint_that_does_not_answer_is_a_storage_error() -> None:
    """Transport errors are translated."""
    s3 = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="id",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(StorageError):
        S3Storage(s3).head("bucket", "k")
    s3.close()


def test_a_composite_checksum_is_no_digest(clients: Clients) -> None:
    """The checksum of a multipart upload is not a digest of the content."""
    bucket = f"bucket-{uuid4()}"
    clients.s3.create_bucket(Bucket=bucket)
    upload = clients.s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256")
    parts: list[CompletedPartTypeDef] = []
    for number, body in enumerate((bytes(PART), b"end"), 1):
        part = clients.s3.upload_part(
            Bucket=bucket,
            Key="k",
            UploadId=upload["UploadId"],
            PartNumber=number,
            Body=io.BytesIO(body),
            ChecksumAlgorithm="SHA256",
        )
        parts.append(
            {"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
        )
    clients.s3.complete_multipart_upload(
        Bucket=bucket,
        Key="k",
        UploadId=upload["UploadId"],
        MultipartUpload={"Parts": parts},
    )
    storage = S3Storage(clients.s3)
    head = clients.s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"]
    assert storage.sha256(bucket, "k", storage.head(bucket, "k").etag) is None


def test_a_move_overwrites_nothing(store: Store) -> None:
    """If the target exists, both objects stay as they are."""
    store.upload("from", b"new")
    store.upload("to", b"old")
    with pytest.raises(ChangedError):
        store.storage.move(store.bucket, store.stored("from"), "to")
    assert [store.stored(key).size for key in ("from", "to")] == [3, 3]
    assert store.storage.get(store.bucket, "to")[0] == b"old"


@pytest.mark.parametrize("in_parts", [False, True])
def test_a_move_is_conditional_at_both_ends(
    clients: Clients, in_parts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All copy requests contain the conditions."""
    bucket = f"bucket-{uuid4()}"
    clients.s3.create_bucket(Bucket=bucket)
    clients.s3.put_object(Bucket=bucket, Key="from", Body=bytes(2 * PART))
    storage = S3Storage(clients.s3)
    source = storage.head(bucket, "from")
    if in_parts:
        monkeypatch.setattr(copying, "MAX_COPY", PART)
    sent: dict[str, dict[str, Any]] = {}

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        sent[model.name] = dict(params)

    events: Any = clients.s3.meta.events
    events.register("before-parameter-build.s3", note)
    try:
        storage.move(bucket, source, "to")
    finally:
        events.unregister("before-parameter-build.s3", note)
    written = sent["CompleteMultipartUpload" if in_parts else "CopyObject"]
    assert written["IfNoneMatch"] == "*"
    copied = sent["UploadPartCopy" if in_parts else "CopyObject"]
    assert copied["CopySourceIfMatch"] == f'"{source.etag}"'
    assert sent["DeleteObject"]["IfMatch"] == f'"{source.etag}"'


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("AccessDenied", 403, StorageError),
        ("SlowDown", 503, StorageError),
        ("InternalError", 500, StorageError),
        ("NoSuchKey", 404, ObjectMissingError),
        ("PreconditionFailed", 412, ChangedError),
        ("ConditionalRequestConflict", 409, ChangedError),
    ],
)
def test_what_each_answer_of_s3_means(
    clients: Clients, code: str, status: int, error: type[StorageError]
) -> None:
    """Only "no such key" is absence; unknown errors are not interpreted."""
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}

    def refuse(**_: Any) -> Any:
        raise clients.s3.exceptions.ClientError(answer, "GetObject")  # type: ignore[arg-type]

    with pytest.raises(error) as caught:
        translated("reading", refuse)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    "code",
    [
        "AccessDenied",
        "InvalidRequest",
        "InvalidObjectState",
        "400",
        "403",
        "KMS.DisabledException",
    ],
)
def test_an_object_that_s3_does_not_give(clients: Clients, code: str) -> None:
    """The reason contains nothing about the AWS account."""
    answer = {"Error": {"Code": code, "Message": "role/secret may not"}}

    def refuse(**_: Any) -> Any:
        raise clients.s3.exceptions.ClientError(answer, "GetObject")  # type: ignore[arg-type]

    with pytest.raises(UnreadableError) as caught:
        translated_read("reading", refuse)
    assert "secret" in str(caught.value)
    assert "secret" not in caught.value.reason


@pytest.mark.parametrize(
    "code", ["KMS.ThrottlingException", "KMS.KMSInternalException", "KMS.KeyUnavailableException"]
)
def test_a_key_service_that_is_busy(clients: Clients, code: str) -> None:
    """It is tried again, like S3 itself: no file is refused for that."""

    def refuse(**_: Any) -> Any:
        raise clients.s3.exceptions.ClientError({"Error": {"Code": code}}, "GetObject")

    with pytest.raises(StorageError) as caught:
        translated_read("reading", refuse)
    assert type(caught.value) is StorageError


@pytest.mark.parametrize(("code", "known"), [("400", True), ("403", True), ("500", False)])
def test_a_head_that_is_refused_leaves_the_reason_to_the_get(
    clients: Clients, monkeypatch: pytest.MonkeyPatch, code: str, known: bool
) -> None:
    """A busy key answers like one that is another's."""

    def refuse(**_: Any) -> Any:
        raise clients.s3.exceptions.ClientError({"Error": {"Code": code}}, "HeadObject")

    monkeypatch.setattr(clients.s3, "head_object", refuse)
    storage = S3Storage(clients.s3)
    if known:
        assert storage.sha256("bucket", "k", ETag("1")) is None
        return
    with pytest.raises(StorageError):
        storage.sha256("bucket", "k", ETag("1"))


@pytest.mark.parametrize("encoding", ["gzip", "GZIP, br"])
def test_an_object_with_a_content_encoding(clients: Clients, encoding: str) -> None:
    """It is only read if the caller allows encodings."""
    bucket = f"bucket-{uuid4()}"
    clients.s3.create_bucket(Bucket=bucket)
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"1", ContentEncoding=encoding)
    storage = S3Storage(clients.s3)
    etag = storage.head(bucket, "k").etag
    assert storage.get(bucket, "k", etag)[0] == b"1"
    for read in (
        lambda: storage.get(bucket, "k", etag, plain=True),
        lambda: storage.get_range(bucket, "k", 0, 1, etag),
        lambda: storage.sha256(bucket, "k", etag),
    ):
        with pytest.raises(UnreadableError, match="Content-Encoding"):
            read()


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_an_encoding_that_is_none(clients: Clients, encoding: str) -> None:
    """The encoding `identity` is accepted."""
    bucket = f"bucket-{uuid4()}"
    clients.s3.create_bucket(Bucket=bucket)
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"1", ContentEncoding=encoding)
    storage = S3Storage(clients.s3)
    assert storage.get(bucket, "k", storage.head(bucket, "k").etag, plain=True)[0] == b"1"


def test_the_encoding_of_an_upload_is_none_of_the_object() -> None:
    """`aws-chunked`, which some clients leave behind, is ignored."""
    check_plain({"ContentEncoding": "aws-chunked"})
    with pytest.raises(UnreadableError, match="aws-chunked,gzip"):
        check_plain({"ContentEncoding": "aws-chunked,gzip"})


def test_names_that_no_file_of_an_index_has_are_not_listed(clients: Clients) -> None:
    """Very long names are skipped, to save memory."""
    bucket = f"bucket-{uuid4()}"
    clients.s3.create_bucket(Bucket=bucket)
    for name in ("x" * 299, "x" * 300, "x" * 900):
        clients.s3.put_object(Bucket=bucket, Key=f"foo/{name}", Body=b"")
    storage = S3Storage(clients.s3)
    names = [len(stored.filename) for stored in storage.list(bucket, "foo/")]
    assert names == [len(stored.filename) for stored in storage.walk(bucket, "")] == [299]


@pytest.mark.parametrize("status", [403, 500])
def test_a_refused_head_is_not_absence(clients: Clients, status: int) -> None:
    """A response to HEAD only has a status, and no body."""
    answer = {"Error": {"Code": str(status)}, "ResponseMetadata": {"HTTPStatusCode": status}}

    def refuse(**_: Any) -> Any:
        raise clients.s3.exceptions.ClientError(answer, "HeadObject")  # type: ignore[arg-type]

    with pytest.raises(StorageError) as caught:
        translated("looking", refuse)
    assert not isinstance(caught.value, ObjectMissingError)
