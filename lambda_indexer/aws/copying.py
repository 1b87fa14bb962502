"""Copy objects inside a bucket, on conditions for both the source and the target."""

from typing import TYPE_CHECKING, Final

from lambda_indexer.model import ETag, StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

MAX_COPY: Final = 5 * 1024**3  # the limit of CopyObject; larger objects are copied in parts


def copy(s3: "S3Client", bucket: str, source: StoredObject, target: str) -> None:
    """Copy a version of an object to an unused key. The client's exceptions are not translated.

    Args:
        s3: The S3 client.
        bucket: The bucket.
        source: The object.
        target: The new key.
    """
    one_request = source.size <= MAX_COPY
    (_copy if one_request else _copy_in_parts)(s3, bucket, source, target)


def quoted(etag: ETag) -> str:
    """Return an ETag with quotes, as in RFC 9110."""
    return f'"{etag}"'


def _copy(s3: "S3Client", bucket: str, source: StoredObject, target: str) -> None:
    s3.copy_object(
        Bucket=bucket,
        Key=target,
        CopySource={"Bucket": bucket, "Key": source.key},
        CopySourceIfMatch=quoted(source.etag),
        IfNoneMatch="*",
        ChecksumAlgorithm="SHA256",  # S3 then computes the SHA-256 of the whole object
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
