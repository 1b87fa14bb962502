"""The bucket in S3."""

import hashlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any

from s3pypi.aws.copying import copy
from s3pypi.aws.errors import is_web_page
from s3pypi.aws.parts import PartRequests
from s3pypi.aws.requests import HEADERS, condition, etag_of
from s3pypi.bucket import Deleted, Page, Stored
from s3pypi.digest import base64
from s3pypi.errors import ChangedError

if TYPE_CHECKING:
    from datetime import datetime

MARKER_HEADERS = {"CacheControl": "no-cache"}


class S3Bucket(PartRequests):
    """A bucket in S3; implements `bucket.Bucket`."""

    def put(self, key: str, body: IO[bytes], sha256: bytes, *, replace: bool) -> str:
        """Write an object whole; see `Bucket.put`."""
        args = HEADERS | self.args("PutObject") | condition(replace=replace)
        with self.attempt("write", key, "s3:PutObject"):
            answer = self.client.put_object(
                Bucket=self.name, Key=key, Body=body, ChecksumSHA256=base64(sha256), **args
            )
            return etag_of(answer)

    def put_marker(self, key: str, content: bytes, content_type: str) -> None:
        """Write a small object that may change later; see `Bucket.put_marker`."""
        # The indexer reads markers without a customer's key. Unlike files, they change, and have
        # their own content type.
        args = self.args("PutObject", customer_key=False) | MARKER_HEADERS
        args |= {
            "ContentType": content_type,
            "ChecksumSHA256": base64(hashlib.sha256(content).digest()),
        }
        with self.attempt("write", key, "s3:PutObject"):
            etag_of(self.client.put_object(Bucket=self.name, Key=key, Body=content, **args))

    def head(self, key: str) -> Stored:
        """Describe an object; see `Bucket.head`."""
        with self.attempt("look at", key, "s3:GetObject"):
            answer = self.client.head_object(
                Bucket=self.name, Key=key, ChecksumMode="ENABLED", **self.args("HeadObject")
            )
            etag = etag_of(answer)
        plain = answer.get("ServerSideEncryption", "AES256") == "AES256"
        return Stored(
            size=answer["ContentLength"],
            etag=etag,
            sha256=answer.get("ChecksumSHA256"),
            etag_is_md5=plain and "SSECustomerAlgorithm" not in answer and "-" not in etag,
        )

    def get(self, key: str, known: Page | None = None) -> Page:
        """Return an object's content; see `Bucket.get`."""
        # The indexer writes pages and reads markers without the customer's key for files.
        args = self.args("GetObject", customer_key=False)
        if known:
            args["IfNoneMatch"] = f'"{known.etag}"'
        with self.attempt("read", key, "s3:GetObject"):
            try:
                answer = self.client.get_object(Bucket=self.name, Key=key, **args)
            except self.client.exceptions.ClientError as error:
                if known and error.response["Error"]["Code"] in {"304", "NotModified"}:
                    return known
                raise
            return Page(answer["Body"].read(), etag_of(answer))

    def read_start(self, key: str, size: int) -> bytes:
        """Return the first bytes of an object; see `Bucket.read_start`."""
        args = self.args("GetObject", customer_key=False)
        with self.attempt("read", key, "s3:GetObject"):
            try:
                answer = self.client.get_object(
                    Bucket=self.name, Key=key, Range=f"bytes=0-{size - 1}", **args
                )
            except self.client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] == "InvalidRange":
                    return b""  # it is empty
                raise
            etag_of(answer)
            return answer["Body"].read(size)

    def list(self, directory: str) -> Iterator[str]:
        """Yield the keys directly under a key prefix; see `Bucket.list`."""
        where = {"Bucket": self.name, "Prefix": directory, "Delimiter": "/"}
        args = where | self.args("ListObjectsV2")
        with self.attempt("list", directory, "s3:ListBucket"):
            # A paginator would search hundreds of directories for its definition.
            while True:
                answer = self.client.list_objects_v2(**args)
                answer["Name"]  # an answer without it is not a listing
                yield from (item["Key"] for item in answer.get("Contents", ()))
                if not answer.get("IsTruncated"):
                    return
                args["ContinuationToken"] = answer["NextContinuationToken"]

    def delete(self, key: str, etag: str | None = None) -> None:
        """Delete an object; see `Bucket.delete`."""
        args = self.args("DeleteObject") | ({"IfMatch": f'"{etag}"'} if etag else {})
        with self.attempt("delete", key, "s3:DeleteObject"):
            try:
                answer = self.client.delete_object(Bucket=self.name, Key=key, **args)
            except self.client.exceptions.ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "NoSuchKey":  # only a delete with a condition says so
                    return
                if code != "PreconditionFailed":
                    raise
                where = f"cannot delete s3://{self.name}/{key}"
                raise ChangedError(
                    f"{where}: it has changed meanwhile; run the command again"
                ) from error
            # S3 answers 204 without a body; a compatible service may name a type all the same.
            metadata = answer["ResponseMetadata"]
            if metadata.get("HTTPStatusCode") != HTTPStatus.NO_CONTENT and is_web_page(metadata):
                raise LookupError("a web page instead of a response from S3")

    def copy(self, source: str, target: str, etag: str) -> str:
        """Copy an object inside the bucket; see `Bucket.copy`."""
        with self.attempt("copy to", target, "s3:GetObject, s3:GetObjectTagging and s3:PutObject"):
            return copy(
                self.client,
                {"Bucket": self.name, "Key": target},
                {"Bucket": self.name, "Key": source},
                etag,
                self.args("CopyObject"),
            )

    def list_deleted(self, directory: str) -> Iterator[Deleted]:
        """Yield the newest version of each deleted object; see `Bucket.list_deleted`."""
        args: dict[str, Any] = {"Bucket": self.name, "Prefix": directory, "Delimiter": "/"}
        gone: dict[str, datetime] = {}
        with self.attempt("list the versions in", directory, "s3:ListBucketVersions"):
            while True:
                answer = self.client.list_object_versions(**args)
                answer["Name"]  # an answer without it is not a listing
                gone |= {
                    each["Key"]: each["LastModified"]
                    for each in answer.get("DeleteMarkers", ())
                    if each["IsLatest"]
                }
                # S3 lists the versions of a key newest first.
                for each in answer.get("Versions", ()):
                    if each["Key"] in gone:
                        yield Deleted(each["Key"], each["VersionId"], gone.pop(each["Key"]))
                if not answer.get("IsTruncated"):
                    return
                args["KeyMarker"] = answer["NextKeyMarker"]
                args["VersionIdMarker"] = answer["NextVersionIdMarker"]

    def restore(self, deleted: Deleted) -> None:
        """Bring a deleted object back; see `Bucket.restore`."""
        source: dict[str, Any] = {
            "Bucket": self.name,
            "Key": deleted.key,
            "VersionId": deleted.version,
        }
        with self.attempt("restore", deleted.key, "s3:GetObjectVersion and s3:PutObject"):
            etag = etag_of(self.client.head_object(**source))
            # A copy is an event, which makes the indexer list the file again.
            copy(
                self.client,
                {"Bucket": self.name, "Key": deleted.key},
                source,
                etag,
                self.args("CopyObject"),
            )
