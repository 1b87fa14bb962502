"""Create the deployment's resources in the local AWS, as Terraform creates them in AWS."""

import json
from typing import TYPE_CHECKING

from scripts.local.clients import AWS_ERRORS, Clients
from scripts.local.emulator import ACCOUNT, REGION
from scripts.local.errors import EmulatorError
from scripts.local.resources import EVENTS, FUNCTION, HANDLER, Resources, Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient


def create(clients: Clients, settings: Settings, code: bytes) -> Resources:
    """Create the resources, in an order that loses no events.

    Args:
        clients: The clients for an empty AWS.
        settings: The settings of the deployment.
        code: The function's zip.

    Returns:
        The resources, ready for the first upload.

    Raises:
        EmulatorError: AWS refused a request, for example because of the bucket's name.
    """
    table = f"{settings.bucket}-locks"
    try:
        queue_urls = _create_queues(clients.sqs, settings)
        _create_table(clients.dynamodb, table)
        _create_bucket(clients.s3, settings.bucket)
        # S3's test events, one for each suffix: three workers would start for them.
        clients.sqs.purge_queue(QueueUrl=queue_urls[0])
        _create_function(clients.functions, settings, table, code, queue_urls)
        # Last, because it becomes active meanwhile, and the waiter polls once a second.
        clients.functions.get_waiter("function_active_v2").wait(
            FunctionName=FUNCTION, WaiterConfig={"Delay": 1}
        )
    except AWS_ERRORS as error:
        raise EmulatorError(f"The local AWS refused to create the resources: {error}") from error
    return Resources(clients, settings.bucket, table, *queue_urls)


def _create_queues(sqs: "SQSClient", settings: Settings) -> tuple[str, str]:
    """Create the two queues, and return their URLs."""
    queue = f"{settings.bucket}-events"
    dlq = f"{queue}-dlq"
    visibility = settings.visibility_timeout
    if visibility is None:
        visibility = settings.function_timeout + 30
    dlq_url = sqs.create_queue(
        QueueName=dlq, Attributes={"MessageRetentionPeriod": str(14 * 24 * 3600)}
    )["QueueUrl"]
    redrive = {"deadLetterTargetArn": _sqs_arn(dlq), "maxReceiveCount": settings.max_receive_count}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": _sqs_arn(queue),
                "Condition": {
                    "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{settings.bucket}"},
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                },
            }
        ],
    }
    queue_url = sqs.create_queue(
        QueueName=queue,
        Attributes={
            "VisibilityTimeout": str(visibility),
            "RedrivePolicy": json.dumps(redrive),
            "Policy": json.dumps(policy),
        },
    )["QueueUrl"]
    return queue_url, dlq_url


def _sqs_arn(queue: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"


def _create_table(dynamodb: "DynamoDBClient", table: str) -> None:
    dynamodb.create_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
    dynamodb.update_time_to_live(
        TableName=table,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "DeleteAt"},
    )


def _create_function(
    functions: "LambdaClient",
    settings: Settings,
    table: str,
    code: bytes,
    queue_urls: tuple[str, str],
) -> None:
    queue, dead_letters = queue_urls
    variables = {
        "S3PYPI_LOCKS_TABLE": table,
        "S3PYPI_QUEUE_URL": queue,
        "S3PYPI_DLQ_URL": dead_letters,
    }
    functions.create_function(
        FunctionName=FUNCTION,
        Role=f"arn:aws:iam::{ACCOUNT}:role/{FUNCTION}",
        Runtime="python3.13",
        Architectures=["arm64"],
        Handler=HANDLER,
        Code={"ZipFile": code},
        Timeout=settings.function_timeout,
        MemorySize=settings.memory,
        Environment={"Variables": {**variables, **settings.environment}},
    )
    functions.create_event_source_mapping(
        FunctionName=FUNCTION,
        EventSourceArn=_sqs_arn(f"{settings.bucket}-events"),
        BatchSize=settings.batch_size,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )


def _create_bucket(s3: "S3Client", bucket: str) -> None:
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": _sqs_arn(f"{bucket}-events"),
                    "Events": list(events),
                    "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": suffix}]}},
                }
                for suffix, events in EVENTS.items()
            ]
        },
    )
