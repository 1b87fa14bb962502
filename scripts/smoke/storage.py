"""Checks of conditional requests, checksums and times in S3.

The conditional requests are those of the function, which puts pages, deletes pages and misplaced
files, and copies misplaced files. They are sent with the function's role if its trust policy allows
the caller to assume it, and otherwise with the caller's credentials. The table shows which.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError  # noqa: TID251 - there is no adapter here

from scripts.smoke.check import Check, SmokeError, expect
from scripts.smoke.world import World

PART = 5 * 1024 * 1024
"""The minimum size of all parts of a multipart upload except the last."""


def status(call: Callable[[], Any]) -> int:
    """Make a call and return its HTTP status."""
    try:
        answer = call()
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def conditional_put(world: World) -> str:
    """Check PUT with If-None-Match and If-Match."""
    s3, who = world.as_function
    place = {"Bucket": world.stack.bucket, "Key": f"{world.prefix}/conditions/put.bin"}
    absent = {**place, "Key": f"{world.prefix}/conditions/none.bin"}
    seen = [status(lambda: s3.put_object(**place, Body=b"1", IfNoneMatch="*"))]
    etag = s3.head_object(**place)["ETag"]
    seen += [
        status(lambda: s3.put_object(**place, Body=b"2", IfNoneMatch="*")),
        status(lambda: s3.put_object(**place, Body=b"2", IfMatch=etag)),
        status(lambda: s3.put_object(**place, Body=b"3", IfMatch=etag)),
        status(lambda: s3.put_object(**absent, Body=b"3", IfMatch=etag)),
    ]
    what = "if absent, if absent but there, if unchanged, if unchanged but changed, but absent"
    expect(seen, [200, 412, 200, 412, 404], what)
    return f"{_texts(seen)}, {who}"


def conditional_delete(world: World) -> str:
    """Check DELETE with If-Match."""
    s3, who = world.as_function
    old = world.put("conditions/delete.bin", b"1")["ETag"]
    new = world.put("conditions/delete.bin", b"2")["ETag"]
    place = {"Bucket": world.stack.bucket, "Key": f"{world.prefix}/conditions/delete.bin"}

    def delete(etag: str) -> int:
        return status(lambda: s3.delete_object(**place, IfMatch=etag))

    seen = [delete(old), delete(new)]
    expect(seen, [412, 204], "if unchanged but changed, if unchanged")
    # AWS does not document this status. The function handles 404 as success and 412 as a change.
    seen.append(delete(new))
    if seen[-1] not in {204, 404, 412}:
        raise SmokeError(f"if unchanged but absent: {seen[-1]}")
    return f"{_texts(seen)}, {who}"


def conditional_copy(world: World) -> str:
    """Check CopyObject with conditions for the source and the target."""
    s3, who = world.as_function
    there = world.put("conditions/source.bin", b"1")["ETag"]

    def copy(source: str, target: str, **conditions: str) -> int:
        bucket, directory = world.stack.bucket, f"{world.prefix}/conditions"
        return status(
            lambda: s3.copy_object(
                Bucket=bucket,
                Key=f"{directory}/{target}",
                CopySource={"Bucket": bucket, "Key": f"{directory}/{source}"},
                **conditions,
            )
        )

    seen = [
        copy("source.bin", "copy.bin", IfNoneMatch="*", CopySourceIfMatch=there),
        copy("source.bin", "copy.bin", IfNoneMatch="*", CopySourceIfMatch=there),
        copy("source.bin", "other.bin", IfNoneMatch="*", CopySourceIfMatch='"0"'),
        copy("none.bin", "other.bin", IfNoneMatch="*", CopySourceIfMatch=there),
    ]
    what = "to an absent key, to one that is there, of a changed source, of an absent source"
    expect(seen, [200, 412, 412, 404], what)
    return f"{_texts(seen)}, {who}"


def _texts(statuses: list[int]) -> str:
    return ", ".join(map(str, statuses))


def checksums(world: World) -> str:
    """Check which SHA-256 S3 stores for objects put whole, put in parts, and copied."""
    head = world.s3.head_object
    world.put("checksums/whole.bin", b"1", ChecksumAlgorithm="SHA256")
    place = {"Bucket": world.stack.bucket, "Key": f"{world.prefix}/checksums/parts.bin"}
    upload = world.s3.create_multipart_upload(**place, ChecksumAlgorithm="SHA256")["UploadId"]
    parts = []
    for number, size in enumerate((PART, 1), 1):
        part = world.s3.upload_part(
            **place,
            UploadId=upload,
            PartNumber=number,
            Body=bytes(size),
            ChecksumAlgorithm="SHA256",
        )
        kept = {name: part[name] for name in ("ETag", "ChecksumSHA256") if name in part}
        parts.append({"PartNumber": number, **kept})
    world.s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
    world.s3.copy_object(
        Bucket=world.stack.bucket,
        Key=f"{world.prefix}/checksums/copy.bin",
        CopySource={"Bucket": world.stack.bucket, "Key": f"{world.prefix}/checksums/whole.bin"},
    )
    kinds = []
    for name in ("whole", "parts", "copy"):
        key = f"{world.prefix}/checksums/{name}.bin"
        found = head(Bucket=world.stack.bucket, Key=key, ChecksumMode="ENABLED")
        checksum, kind = found.get("ChecksumSHA256", "none"), found.get("ChecksumType", "none")
        if name == "parts" and checksum != "none" and "-" not in checksum and kind != "COMPOSITE":
            raise SmokeError("the checksum of a multipart upload looks like that of the whole file")
        kinds.append(f"{name}: {kind if checksum != 'none' else 'none'}")
    return ", ".join(kinds)


def times(world: World) -> str:
    """Check that LastModified is the same in a listing and in HeadObject, to the second."""
    world.put("times/one.bin", b"1")
    key = f"{world.prefix}/times/one.bin"
    head = world.s3.head_object(Bucket=world.stack.bucket, Key=key)["LastModified"]
    [listed] = world.s3.list_objects_v2(Bucket=world.stack.bucket, Prefix=key)["Contents"]
    found = listed["LastModified"]
    expect(found.replace(microsecond=0), head.replace(microsecond=0), "LIST and HEAD")
    return f"LIST {found.isoformat()}, HEAD {head.isoformat()}"


CHECKS = (
    Check("S3: conditional PUT", conditional_put),
    Check("S3: conditional DELETE", conditional_delete),
    Check("S3: conditional COPY", conditional_copy),
    Check("S3: checksums", checksums),
    Check("S3: LastModified", times),
)
