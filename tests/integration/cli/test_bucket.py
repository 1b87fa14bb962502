from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from s3pypi.aws.bucket import S3Bucket
from s3pypi.aws.clients import s3_client
from s3pypi.bucket import Bucket
from scripts.local.clients import Clients
from scripts.local.emulator import Emulator
from scripts.local.proxy.server import running_proxy
from tests.strict import Strict
from tests.unit.cli.bucket_contract import KEY, BucketContract, put, send

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


Write = Callable[[Bucket, str, bytes], object]


class TestS3Bucket(BucketContract):
    """The real bucket behaves like the fake."""

    @pytest.fixture
    def s3(self, emulator: Emulator) -> Iterator["S3Client"]:
        """Return an S3 client that is as strict as AWS."""
        with (
            closing(Clients(emulator.url)) as direct,
            running_proxy(emulator.port, Strict(direct)) as proxy,
            closing(s3_client(endpoint_url=proxy.url)) as client,
        ):
            yield client

    @pytest.fixture
    def bucket(self, s3: "S3Client", bucket_name: str) -> Bucket:
        """Return an empty bucket with versioning."""
        s3.put_bucket_versioning(Bucket=bucket_name, VersioningConfiguration={"Status": "Enabled"})
        return S3Bucket(s3, bucket_name)

    @pytest.mark.parametrize("how", [put, send])
    def test_headers(self, s3: "S3Client", bucket: Bucket, how: Write) -> None:
        """Files are binary and may be cached forever, however they were sent."""
        how(bucket, KEY, b"content")
        head = s3.head_object(Bucket=bucket.name, Key=KEY)
        assert head["ContentType"] == "application/octet-stream"
        assert head["CacheControl"] == "public, max-age=31536000, immutable"
        assert "ContentEncoding" not in head

    def test_marker_headers(self, s3: "S3Client", bucket_name: str) -> None:
        """A marker has its own content type and is not cached."""
        args = {"CacheControl": "public, max-age=60", "ContentType": "application/x-file"}
        bucket = S3Bucket(s3, bucket_name, args | {"StorageClass": "STANDARD_IA"})
        bucket.put_marker(f"{KEY}.yanked", b"reason", "text/plain; charset=utf-8")
        head = s3.head_object(Bucket=bucket_name, Key=f"{KEY}.yanked")
        assert head["ContentType"] == "text/plain; charset=utf-8"
        assert head["CacheControl"] == "no-cache"
        assert head["StorageClass"] == "STANDARD_IA"

    @pytest.mark.parametrize("how", [put, send])
    def test_put_args(self, s3: "S3Client", bucket_name: str, how: Write) -> None:
        """The user's parameters apply to all uploads, and may override the defaults."""
        args = {"CacheControl": "no-store", "ContentDisposition": "attachment"}
        how(S3Bucket(s3, bucket_name, args), KEY, b"content")
        head = s3.head_object(Bucket=bucket_name, Key=KEY)
        assert (head["CacheControl"], head["ContentDisposition"]) == ("no-store", "attachment")
        assert head["ContentType"] == "application/octet-stream"
