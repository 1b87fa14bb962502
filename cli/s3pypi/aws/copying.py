"""Copy objects inside a bucket, on conditions for both the source and the target."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from s3pypi.digest import WHOLE_LIMIT, part_size_for

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

JOBS = 16

KEPT = (
    *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType"),
    *("Metadata", "StorageClass"),
)
"""Attributes that a HEAD request returns, and that a multipart copy must set again."""


def copy(
    client: "S3Client",
    where: Mapping[str, Any],
    source: Mapping[str, Any],
    etag: str,
    args: Mapping[str, Any],
) -> str:
    """Copy an object of any size to an unused key, and return the new object's ETag.

    Up to `WHOLE_LIMIT`, one request is enough: S3 also copies the metadata and the tags, and
    computes the SHA-256 of the whole object. Larger objects are copied in the parts in which the
    command would upload them.

    Args:
        client: The S3 client, whose exceptions are not translated.
        where: `Bucket` and `Key` of the new object.
        source: `Bucket`, `Key` and optionally `VersionId` of the source.
        etag: The source's ETag, without quotes.
        args: Further parameters of CopyObject; other requests get those that they support.
    """
    condition: dict[str, Any] = {"CopySource": source, "CopySourceIfMatch": f'"{etag}"'}
    head: Mapping[str, Any] = client.head_object(**source, IfMatch=f'"{etag}"')
    size = head["ContentLength"]
    if size <= WHOLE_LIMIT:
        copied = client.copy_object(
            **where, **condition, IfNoneMatch="*", ChecksumAlgorithm="SHA256", **args
        )
        return copied["CopyObjectResult"]["ETag"].strip('"')
    kept = {name: head[name] for name in KEPT if name in head} | dict(args)
    tags = client.get_object_tagging(**source)["TagSet"]
    if tags:
        kept["Tagging"] = urlencode({each["Key"]: each["Value"] for each in tags})
    upload = client.create_multipart_upload(**where, **kept, ChecksumAlgorithm="SHA256")["UploadId"]
    try:
        step = part_size_for(size)

        def send(number: int) -> "CompletedPartTypeDef":
            first = (number - 1) * step
            part: Mapping[str, Any] = client.upload_part_copy(
                **where,
                **condition,
                UploadId=upload,
                PartNumber=number,
                CopySourceRange=f"bytes={first}-{min(first + step, size) - 1}",
            )["CopyPartResult"]
            done: CompletedPartTypeDef = {"PartNumber": number, "ETag": part["ETag"]}
            if "ChecksumSHA256" in part:
                done["ChecksumSHA256"] = part["ChecksumSHA256"]
            return done

        with ThreadPoolExecutor(JOBS) as pool:  # waits, as an abort only affects finished parts
            parts = list(pool.map(send, range(1, -(-size // step) + 1)))
        answer = client.complete_multipart_upload(
            **where, UploadId=upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*"
        )
    except BaseException:
        client.abort_multipart_upload(**where, UploadId=upload)
        raise
    return answer["ETag"].strip('"')
