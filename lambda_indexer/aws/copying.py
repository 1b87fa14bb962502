"""Copies inside S3, on condition at both ends: in one request, or in parts where it takes them."""

from typing import TYPE_CHECKING, Final

from lambda_indexer.model import ETag, StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

MAX_COPY: Final = 5 * 1024**3  # CopyObject's limit; above it a copy is made in parts


def copy(s3: "S3Client", bucket: str, source: StoredObject, target: str) -> None:
    """Copy this version of an object to a key where nothing is.

    Its errors are the client's: they are translated where S3's are.

    Args:
        s3: the client.
        bucket: of both.
        source: the version.
        target: the key.
    """
    one_request = source.size <= MAX_COPY
    (_copy if one_request else _copy_in_parts)(s3, bucket, source, target)


def quoted(etag: ETag) -> str:
    """An entity tag as RFC 9110 has it; S3 itself also takes them bare."""
    return f'"{etag}"'


def _copy(s3: "S3Client", bucket: str, source: StoredObject, target: str) -> None:
    s3.copy_object(
        Bucket=bucket,
        Key=target,
        CopySource={"Bucket": bucket, "Key": source.key},
        CopySourceIfMatch=quoted(source.etag),
        IfNoneMatch="*",
        ChecksumAlgorithm="SHA256",  # of the whole object: its digest comes for nothing
    )


def _copy_in_parts(s3: "S3Client", bucket: str, source: StoredObject, target: str) -> None:
    head = s3.head_object(Bucket=bucket, Key=source.key, IfMatch=quoted(source.etag))
    upload = s3.create_multipart_upload(
        Bucket=bucket,
        Key=target,
        ContentType=head.get("ContentType", "application/octet-stream"),
        Metadata=head.get("Metadata", {}),
    )["UploadId"]
    try:
        parts: list[CompletedPartTypeDef] = []
        for start in range(0, source.size, MAX_COPY):
            copied = s3.upload_part_copy(
                Bucket=bucket,
                Key=target,
                UploadId=upload,
                PartNumber=len(parts) + 1,
                CopySource={"Bucket": bucket, "Key": source.key},
                CopySourceIfMatch=quoted(source.etag),
                CopySourceRange=f"bytes={start}-{min(start + MAX_COPY, source.size) - 1}",
            )
            parts.append({"ETag": copied["CopyPartResult"]["ETag"], "PartNumber": len(parts) + 1})
        s3.complete_multipart_upload(
            Bucket=bucket,
            Key=target,
            UploadId=upload,
            MultipartUpload={"Parts": parts},
            IfNoneMatch="*",
        )
    except BaseException:
        s3.abort_multipart_upload(Bucket=bucket, Key=target, UploadId=upload)
        raise
