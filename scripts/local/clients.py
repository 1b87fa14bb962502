"""boto3 clients for the local AWS."""

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError  # noqa: TID251 - this is an adapter

from scripts.local.emulator import CREDENTIALS, REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

AWS_ERRORS = (BotoCoreError, ClientError)


class Clients:
    """One boto3 client for each service.

    Args:
        url: The URL of the emulator.
        attempts: The number of attempts for each request.

    Attributes:
        s3: The client for the bucket.
        sqs: The client for the queues.
        dynamodb: The client for the lock table.
        functions: The client for Lambda.
        ssm: The client for Parameter Store.
        logs: The client for CloudWatch Logs, untyped.
    """

    def __init__(self, url: str, attempts: int = 5) -> None:
        session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        config = Config(
            max_pool_connections=64,
            retries={"total_max_attempts": attempts},
            # Never use a proxy for loopback.
            proxies={},
            # Upload without checksums, because some clients send none.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        self.s3: S3Client = session.client("s3", endpoint_url=url, config=config)
        self.sqs: SQSClient = session.client("sqs", endpoint_url=url, config=config)
        self.dynamodb: DynamoDBClient = session.client("dynamodb", endpoint_url=url, config=config)
        self.functions: LambdaClient = session.client("lambda", endpoint_url=url, config=config)
        self.ssm: SSMClient = session.client("ssm", endpoint_url=url, config=config)
        self.logs: Any = session.client("logs", endpoint_url=url, config=config)

    def close(self) -> None:
        """Close every connection."""
        for client in (self.s3, self.sqs, self.dynamodb, self.functions, self.ssm, self.logs):
            client.close()
