"""The targets of commands: an AWS account, an index in a bucket, or an indexer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s3pypi.aws.locks import LockTable
    from s3pypi.aws.tokens import WebToken
    from s3pypi.bucket import Bucket
    from s3pypi.indexer.client import Indexer


@dataclass(frozen=True)
class Account:
    """The settings of AWS clients.

    Attributes:
        profile: The profile in the AWS configuration; None for the default.
        region: The region; None for the default.
        endpoint_url: The URL of a compatible service; None for AWS.
    """

    profile: str | None
    region: str | None
    endpoint_url: str | None

    def lock_table(self, name: str) -> "LockTable":
        """Return the table of the locks without making a request.

        Raises:
            AwsError: The client cannot be created.
        """
        from s3pypi.aws.clients import dynamodb_client
        from s3pypi.aws.locks import LockTable

        client = dynamodb_client(
            profile=self.profile, region=self.region, endpoint_url=self.endpoint_url
        )
        return LockTable(client, name)

    def token(self, host: str) -> "WebToken":
        """Get a token for reading an index.

        Args:
            host: The host of the index.

        Raises:
            AwsError: The client cannot be created, or AWS refuses to issue a token.
        """
        from s3pypi.aws.clients import sts_client
        from s3pypi.aws.tokens import get_token

        client = sts_client(
            profile=self.profile, region=self.region, endpoint_url=self.endpoint_url
        )
        return get_token(client, host)


@dataclass(frozen=True)
class BucketTarget:
    """An index in a bucket.

    Attributes:
        account: The account with the bucket.
        bucket: The bucket's name.
        prefix: The index's prefix, without slashes around it.
        sign: Whether to send credentials.
        put_args: Additional parameters of PutObject.
    """

    account: Account
    bucket: str
    prefix: str = ""
    sign: bool = True
    put_args: Mapping[str, str | int | bool] = field(default_factory=dict)

    def open(self, *, connections: int = 10) -> "Bucket":
        """Return the bucket without making a request.

        Args:
            connections: The maximum number of concurrent requests.

        Raises:
            AwsError: The client cannot be created.
        """
        from s3pypi.aws.bucket import S3Bucket
        from s3pypi.aws.clients import s3_client

        client = s3_client(
            profile=self.account.profile,
            region=self.account.region,
            endpoint_url=self.account.endpoint_url,
            sign=self.sign,
            connections=connections,
        )
        return S3Bucket(client, self.bucket, self.put_args)

    def url(self, key: str) -> str:
        """Return the S3 URL of a key."""
        return f"s3://{self.bucket}/{key}"


@dataclass(frozen=True)
class IndexerTarget:
    """An indexer, and an index that it manages.

    Attributes:
        account: The account with the function.
        function: The function's name or ARN.
        bucket: The index's bucket.
        prefix: The index's prefix, without slashes around it.
    """

    account: Account
    function: str
    bucket: str
    prefix: str = ""

    def open(self) -> "Indexer":
        """Return the indexer without making a request.

        Raises:
            AwsError: The client cannot be created.
        """
        from s3pypi.aws.clients import lambda_client
        from s3pypi.aws.function import LambdaFunction
        from s3pypi.indexer.client import Indexer

        client = lambda_client(
            profile=self.account.profile,
            region=self.account.region,
            endpoint_url=self.account.endpoint_url,
        )
        return Indexer(LambdaFunction(client, self.function).ask, self.bucket, self.prefix)
