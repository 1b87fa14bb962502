"""The requests of multipart uploads."""

from collections.abc import Iterable
from typing import IO, TYPE_CHECKING

from s3pypi.aws.requests import HEADERS, BucketRequests, condition, etag_of
from s3pypi.digest import Part, base64

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef


class PartRequests(BucketRequests):
    """The methods of `bucket.Bucket` for multipart uploads."""

    def start_parts(self, key: str) -> str:
        """Start a multipart upload; see `Bucket.start_parts`."""
        args = HEADERS | self.args("CreateMultipartUpload") | {"ChecksumAlgorithm": "SHA256"}
        with self.attempt("write", key, "s3:PutObject"):
            return self.client.create_multipart_upload(Bucket=self.name, Key=key, **args)[
                "UploadId"
            ]

    def put_part(self, key: str, upload: str, part: Part, body: IO[bytes]) -> str:
        """Send one part; see `Bucket.put_part`."""
        with self.attempt(f"write part {part.number} of", key, "s3:PutObject"):
            answer = self.client.upload_part(
                Bucket=self.name,
                Key=key,
                UploadId=upload,
                PartNumber=part.number,
                Body=body,
                ChecksumSHA256=base64(part.sha256),
                **self.args("UploadPart"),
            )
            return etag_of(answer)

    def complete_parts(
        self, key: str, upload: str, parts: Iterable[tuple[Part, str]], *, replace: bool
    ) -> str:
        """Complete a multipart upload; see `Bucket.complete_parts`."""
        sent: list[CompletedPartTypeDef] = [
            {"PartNumber": part.number, "ETag": f'"{etag}"', "ChecksumSHA256": base64(part.sha256)}
            for part, etag in parts
        ]
        args = self.args("CompleteMultipartUpload") | condition(replace=replace)
        with self.attempt("write", key, "s3:PutObject"):
            answer = self.client.complete_multipart_upload(
                Bucket=self.name, Key=key, UploadId=upload, MultipartUpload={"Parts": sent}, **args
            )
            return etag_of(answer)

    def abort_parts(self, key: str, upload: str) -> None:
        """Abort a multipart upload; see `Bucket.abort_parts`."""
        with self.attempt("abort the upload of", key, "s3:AbortMultipartUpload"):
            self.client.abort_multipart_upload(
                Bucket=self.name, Key=key, UploadId=upload, **self.args("AbortMultipartUpload")
            )
