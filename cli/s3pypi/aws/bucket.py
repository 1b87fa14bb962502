"""The bucket in S3."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any

from s3pypi.aws.copying import copy
from s3pypi.aws.errors import is_web_page, translated
from s3pypi.bucket import Deleted, Page, Stored
from s3pypi.digest import Part, base64
from s3pypi.errors import ChangedError

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

HEADERS = {
    # Installers check the bytes that they get, so nothing on the way may decompress them.
    "ContentType": "application/octet-stream",
    "CacheControl": "public, max-age=31536000, immutable",
}

MARKER_HEADERS = {"CacheControl": "no-cache"}


class S3Bucket:
    """A bucket in S3; implements `bucket.Bucket`.

    Args:
        client: Made by `clients.s3_client`.
        name: The bucket's.
        put_args: Parameters of PutObject; other requests get those that they know as well.
    """

    def __init__(
        self, client: "S3Client", name: str, put_args: Mapping[str, str | int | bool] | None = None
    ) -> None:
        self._client = client
        self._name = name
        self._put_args = put_args or {}

    @property
    def name(self) -> str:
        """The bucket's name."""
        return self._name

    def put(self, key: str, body: IO[bytes], sha256: bytes, *, replace: bool) -> str:
        """Write an object whole; see `Bucket.put`."""
        args = HEADERS | self._args("PutObject") | _condition(replace=replace)
        with self._doing("write", key, "s3:PutObject"):
            answer = self._client.put_object(
                Bucket=self.name, Key=key, Body=body, ChecksumSHA256=base64(sha256), **args
            )
            return _etag(answer)

    def put_marker(self, key: str, content: bytes, content_type: str) -> None:
        """Write a small object that may change later; see `Bucket.put_marker`."""
        # The indexer reads markers without a customer's key. Unlike files, they change, and have
        # their own content type.
        args = self._args("PutObject", customer_key=False) | MARKER_HEADERS
        args |= {"ContentType": content_type, "ChecksumSHA256": _sha256(content)}
        with self._doing("write", key, "s3:PutObject"):
            _etag(self._client.put_object(Bucket=self.name, Key=key, Body=content, **args))

    def head(self, key: str) -> Stored:
        """Describe an object; see `Bucket.head`."""
        with self._doing("look at", key, "s3:GetObject"):
            answer = self._client.head_object(
                Bucket=self.name, Key=key, ChecksumMode="ENABLED", **self._args("HeadObject")
            )
            etag = _etag(answer)
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
        args = self._args("GetObject", customer_key=False)
        if known:
            args["IfNoneMatch"] = f'"{known.etag}"'
        with self._doing("read", key, "s3:GetObject"):
            try:
                answer = self._client.get_object(Bucket=self.name, Key=key, **args)
            except self._client.exceptions.ClientError as error:
                if known and error.response["Error"]["Code"] in {"304", "NotModified"}:
                    return known
                raise
            return Page(answer["Body"].read(), _etag(answer))

    def peek(self, key: str, size: int) -> bytes:
        """Return the first bytes of an object; see `Bucket.peek`."""
        args = self._args("GetObject", customer_key=False)
        with self._doing("read", key, "s3:GetObject"):
            try:
                answer = self._client.get_object(
                    Bucket=self.name, Key=key, Range=f"bytes=0-{size - 1}", **args
                )
            except self._client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] == "InvalidRange":
                    return b""  # it is empty
                raise
            _etag(answer)
            return answer["Body"].read(size)

    def list(self, directory: str) -> Iterator[str]:
        """Yield the keys directly under a key prefix; see `Bucket.list`."""
        where = {"Bucket": self.name, "Prefix": directory, "Delimiter": "/"}
        args = where | self._args("ListObjectsV2")
        with self._doing("list", directory, "s3:ListBucket"):
            # A paginator would search hundreds of directories for its definition.
            while True:
                answer = self._client.list_objects_v2(**args)
                answer["Name"]  # an answer without it is not a listing
                yield from (item["Key"] for item in answer.get("Contents", ()))
                if not answer.get("IsTruncated"):
                    return
                args["ContinuationToken"] = answer["NextContinuationToken"]

    def delete(self, key: str, etag: str | None = None) -> None:
        """Delete an object; see `Bucket.delete`."""
        args = self._args("DeleteObject") | ({"IfMatch": f'"{etag}"'} if etag else {})
        with self._doing("delete", key, "s3:DeleteObject"):
            try:
                answer = self._client.delete_object(Bucket=self.name, Key=key, **args)
            except self._client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] != "PreconditionFailed":
                    raise
                where = f"cannot delete s3://{self.name}/{key}"
                raise ChangedError(f"{where}: it has changed; look again") from error
            # S3 answers 204 without a body; a compatible service may name a type all the same.
            metadata = answer["ResponseMetadata"]
            if metadata.get("HTTPStatusCode") != HTTPStatus.NO_CONTENT and is_web_page(metadata):
                raise LookupError("a web page, and no answer of S3")

    def copy(self, source: str, target: str, etag: str) -> str:
        """Copy an object inside the bucket; see `Bucket.copy`."""
        with self._doing("copy to", target, "s3:GetObject, s3:GetObjectTagging and s3:PutObject"):
            return copy(
                self._client,
                {"Bucket": self.name, "Key": target},
                {"Bucket": self.name, "Key": source},
                etag,
                self._args("CopyObject"),
            )

    def list_deleted(self, directory: str) -> Iterator[Deleted]:
        """Yield the newest version of each deleted object; see `Bucket.list_deleted`."""
        args: dict[str, Any] = {"Bucket": self.name, "Prefix": directory, "Delimiter": "/"}
        gone: dict[str, datetime] = {}
        with self._doing("list the versions in", directory, "s3:ListBucketVersions"):
            while True:
                answer = self._client.list_object_versions(**args)
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
        with self._doing("restore", deleted.key, "s3:GetObjectVersion and s3:PutObject"):
            etag = _etag(self._client.head_object(**source))
            # A copy is an event, which makes the indexer list the file again.
            copy(
                self._client,
                {"Bucket": self.name, "Key": deleted.key},
                source,
                etag,
                self._args("CopyObject"),
            )

    def start_parts(self, key: str) -> str:
        """Start a multipart upload; see `Bucket.start_parts`."""
        args = HEADERS | self._args("CreateMultipartUpload") | {"ChecksumAlgorithm": "SHA256"}
        with self._doing("write", key, "s3:PutObject"):
            return self._client.create_multipart_upload(Bucket=self.name, Key=key, **args)[
                "UploadId"
            ]

    def put_part(self, key: str, upload: str, part: Part, body: IO[bytes]) -> str:
        """Send one part; see `Bucket.put_part`."""
        with self._doing(f"write part {part.number} of", key, "s3:PutObject"):
            answer = self._client.upload_part(
                Bucket=self.name,
                Key=key,
                UploadId=upload,
                PartNumber=part.number,
                Body=body,
                ChecksumSHA256=base64(part.sha256),
                **self._args("UploadPart"),
            )
            return _etag(answer)

    def complete_parts(
        self, key: str, upload: str, parts: Iterable[tuple[Part, str]], *, replace: bool
    ) -> str:
        """Complete a multipart upload; see `Bucket.complete_parts`."""
        sent: list[CompletedPartTypeDef] = [
            {"PartNumber": part.number, "ETag": f'"{etag}"', "ChecksumSHA256": base64(part.sha256)}
            for part, etag in parts
        ]
        args = self._args("CompleteMultipartUpload") | _condition(replace=replace)
        with self._doing("write", key, "s3:PutObject"):
            answer = self._client.complete_multipart_upload(
                Bucket=self.name, Key=key, UploadId=upload, MultipartUpload={"Parts": sent}, **args
            )
            return _etag(answer)

    def abort_parts(self, key: str, upload: str) -> None:
        """Abort a multipart upload; see `Bucket.abort_parts`."""
        with self._doing("abort the upload of", key, "s3:AbortMultipartUpload"):
            self._client.abort_multipart_upload(
                Bucket=self.name, Key=key, UploadId=upload, **self._args("AbortMultipartUpload")
            )

    def _args(self, operation: str, *, customer_key: bool = True) -> dict[str, Any]:
        """Return those of the user's parameters that an operation takes too."""
        shape = self._client.meta.service_model.operation_model(operation).input_shape
        known = shape.members if shape else {}
        return {
            name: value
            for name, value in self._put_args.items()
            if name in known and (customer_key or not name.startswith("SSECustomer"))
        }

    def _doing(self, verb: str, key: str, permission: str) -> AbstractContextManager[None]:
        return translated(f"cannot {verb} s3://{self.name}/{key}", permission)


def _condition(*, replace: bool) -> dict[str, str]:
    return {} if replace else {"IfNoneMatch": "*"}


def _sha256(content: bytes) -> str:
    return base64(hashlib.sha256(content).digest())


def _etag(answer: Mapping[str, Any]) -> str:
    """Return the ETag of an answer, without quotes; no answer of S3 about an object lacks one."""
    etag: str = answer["ETag"]
    return etag.strip('"')
