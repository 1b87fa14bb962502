"""What S3 does with conditions, checksums and times."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError  # noqa: TID251 - this is the edge

from scripts.smoke.check import Check, SmokeError, expect
from scripts.smoke.world import World

PART = 5 * 1024 * 1024
"""Bytes: S3's smallest part of a multipart upload that is not the last."""


def status(call: Callable[[], Any]) -> int:
    """The HTTP status of a call."""
    try:
        answer = call()
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def conditional_put(world: World) -> str:
    """Write if absent, write if unchanged."""
    etag = world.put("conditions/put.bin", b"1", IfNoneMatch="*")["ETag"]
    seen = {
        "If-None-Match of a key that is there": status(
            lambda: world.put("conditions/put.bin", b"2", IfNoneMatch="*")
        ),
        "If-Match of its ETag": status(lambda: world.put("conditions/put.bin", b"2", IfMatch=etag)),
        "If-Match of an old ETag": status(
            lambda: world.put("conditions/put.bin", b"3", IfMatch=etag)
        ),
        "If-Match of a key that is not there": status(
            lambda: world.put("conditions/none.bin", b"3", IfMatch=etag)
        ),
    }
    expect(list(seen.values()), [412, 200, 412, 404], ", ".join(seen))
    return "412, 200, 412, 404"


def conditional_delete(world: World) -> str:
    """Delete if unchanged."""
    old = world.put("conditions/delete.bin", b"1")["ETag"]
    new = world.put("conditions/delete.bin", b"2")["ETag"]

    def delete(etag: str) -> int:
        key = f"{world.prefix}/conditions/delete.bin"
        return status(
            lambda: world.s3.delete_object(Bucket=world.stack.bucket, Key=key, IfMatch=etag)
        )

    expect([delete(old), delete(new)], [412, 204], "If-Match of an old ETag, of the present one")
    return "412, 204"


def conditional_copy(world: World) -> str:
    """Copy if absent and if the source is unchanged."""
    source = f"{world.prefix}/conditions/source.bin"
    etag = world.put("conditions/source.bin", b"1")["ETag"]

    def copy(key: str, **conditions: str) -> int:
        return status(
            lambda: world.s3.copy_object(
                Bucket=world.stack.bucket,
                Key=f"{world.prefix}/conditions/{key}",
                CopySource={"Bucket": world.stack.bucket, "Key": source},
                **conditions,
            )
        )

    seen = [
        copy("copy.bin", IfNoneMatch="*", CopySourceIfMatch=etag),
        copy("copy.bin", IfNoneMatch="*", CopySourceIfMatch=etag),
        copy("other.bin", CopySourceIfMatch='"0"'),
    ]
    expect(seen, [200, 412, 412], "to an absent key, to one that is there, of a changed source")
    return "200, 412, 412"


def checksums(world: World) -> str:
    """Which SHA-256 S3 keeps of an object that is put whole, in parts, or copied."""
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
        checksum, kind = found.get("ChecksumSHA256", "none"), found.get("ChecksumType", "unsaid")
        if name == "parts" and checksum != "none" and "-" not in checksum and kind != "COMPOSITE":
            raise SmokeError("the checksum of a multipart upload looks like that of the whole file")
        kinds.append(f"{name}: {kind if checksum != 'none' else 'none'}")
    return ", ".join(kinds)


def times(world: World) -> str:
    """LastModified is the same in a listing and of the object, to the second."""
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
