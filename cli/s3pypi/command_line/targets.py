"""What a command line names: an account of AWS, a bucket in it, or an indexer."""

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
    """How AWS is reached.

    Attributes:
        profile: In the AWS configuration; None for AWS's own rules.
        region: None for AWS's own rules.
        endpoint_url: None for the service's own endpoint.
    """

    profile: str | None
    region: str | None
    endpoint_url: str | None

    def lock_table(self, name: str) -> "LockTable":
        """Return the table of the leases; makes no request.

        Raises:
            AwsError: The options do not make a client.
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
            host: The index's.

        Raises:
            AwsError: The options do not make a client, or AWS refuses the token.
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
        account: Where the bucket is.
        bucket: Its name.
        prefix: The index's, without slashes around it.
        sign: Whether requests carry credentials.
        put_args: More parameters of PutObject.
    """

    account: Account
    bucket: str
    prefix: str = ""
    sign: bool = True
    put_args: Mapping[str, str | int | bool] = field(default_factory=dict)

    def open(self, *, connections: int = 10) -> "Bucket":
        """Return the bucket; makes no request.

        Args:
            connections: How many requests are made at the same time.

        Raises:
            AwsError: The options do not make a client.
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
    """An indexer, and the index that it is asked about.

    Attributes:
        account: Where the function is.
        function: The function's name or ARN.
        bucket: The index's bucket.
        prefix: The index's prefix, without slashes around it.
    """

    account: Account
    function: str
    bucket: str
    prefix: str = ""

    def open(self) -> "Indexer":
        """Return the indexer; makes no request.

        Raises:
            AwsError: The options do not make a client.
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
