"""An AWS account that enforces policies, with the deployment's resources and function."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.cloudfront.models import cloudfront_backends

from lambda_indexer.service import Service
from lambda_indexer.settings import Settings
from s3pypi.cli import main
from scripts.local.emulator import REGION
from tests.integration.permissions.documents import ACCOUNT, BUCKET, policy_documents
from tests.integration.permissions.enforcement import enforced

Document = Mapping[str, Any]

TABLE = f"{BUCKET}-locks"
QUEUE, DEAD_LETTERS = f"{BUCKET}-events", f"{BUCKET}-events-dlq"
FUNCTION = f"{BUCKET}-indexer"
OTHER = "other-bucket"
"""Somebody else's bucket; their table and queue have this name as well."""

MINIMAL: Any = {
    "CallerReference": "tests",
    "Comment": "",
    "Enabled": True,
    "Origins": {"Quantity": 1, "Items": [{"Id": "bucket", "DomainName": "example.com"}]},
    "DefaultCacheBehavior": {"TargetOriginId": "bucket", "ViewerProtocolPolicy": "https-only"},
}
"""A distribution's configuration."""


class Context:
    """The context of an invocation with one minute left."""

    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def permit(*actions: str, resource: str = "*") -> Document:
    """Return a policy with one statement."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory, provider: Path) -> Mapping[str, Document]:
    """Return Terraform's policy documents."""
    return policy_documents(tmp_path_factory.mktemp("terraform"), provider)


@dataclass
class Account:
    """An account that enforces policies in `command` and in `enforced`.

    Attributes:
        patch: sets the environment.
        distribution: the CloudFront distribution's ID.
        queue_url: the queue's address.
        dlq_url: the dead-letter queue's address.
        function: the function's service, under its role.
    """

    patch: pytest.MonkeyPatch
    distribution: str = ""
    queue_url: str = ""
    dlq_url: str = ""
    function: Any = None

    def become(self, *policies: Document) -> None:
        """Switch to a new user with exactly these policies."""
        iam = boto3.Session("root", "root").client("iam")
        user = f"user-{uuid4()}"
        iam.create_user(UserName=user)
        for number, policy in enumerate(policies):
            iam.put_user_policy(
                UserName=user, PolicyName=f"policy-{number}", PolicyDocument=json.dumps(policy)
            )
        key = iam.create_access_key(UserName=user)["AccessKey"]
        self.patch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        self.patch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        self.patch.setattr(boto3, "DEFAULT_SESSION", None)  # it remembers who one was

    def command(self, *argv: str) -> int:
        """Run the `s3pypi` command, and return its exit code."""
        with enforced():
            return main(argv)

    def put(self, key: str, content: bytes, **arguments: Any) -> None:
        """Put an object, as root."""
        s3 = boto3.Session("root", "root").client("s3")
        s3.put_object(Bucket=BUCKET, Key=key, Body=content, **arguments)

    def objects(self, bucket: str = BUCKET) -> set[str]:
        """Return the keys of all objects, as root."""
        s3 = boto3.Session("root", "root").client("s3")
        return {item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Provide an account with an empty bucket, and all other resources of a deployment."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "S3PYPI_"))]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("S3PYPI_BUCKET", BUCKET)
    monkeypatch.setenv("S3PYPI_FUNCTION", FUNCTION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "root")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "root")
    with mock_aws(config={"lambda": {"use_docker": False}}):
        account = Account(monkeypatch)
        session = boto3.Session()
        for bucket in (BUCKET, OTHER):
            session.client("s3").create_bucket(Bucket=bucket)
            session.client("s3").put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
            )
        for table in (TABLE, OTHER):
            session.client("dynamodb").create_table(
                TableName=table,
                AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )
        urls = {
            name: session.client("sqs").create_queue(QueueName=name)["QueueUrl"]
            for name in (QUEUE, DEAD_LETTERS, OTHER)
        }
        account.queue_url, account.dlq_url = urls[QUEUE], urls[DEAD_LETTERS]
        yield account


@pytest.fixture
def deployed(account: Account, documents: Mapping[str, Document]) -> Iterator[Account]:
    """Provide the same with the distribution of the documents, and the function as `FUNCTION`."""
    arn = documents["function_cdn"]["Statement"][0]["Resource"]
    account.distribution = arn.rpartition("/")[2]
    made = boto3.Session().client("cloudfront").create_distribution(DistributionConfig=MINIMAL)
    distributions = cloudfront_backends[ACCOUNT]["aws"].distributions
    distributions[account.distribution] = distributions[made["Distribution"]["Id"]]
    account.become(documents["function"], documents["function_cdn"])
    service = Service.start(
        Settings(
            locks_table=TABLE,
            queue_url=account.queue_url,
            dlq_url=account.dlq_url,
            distribution_id=account.distribution,
            max_wait=0,
            service=FUNCTION,  # the command in this process has a logger named s3pypi
        )
    )
    account.function = service

    def invoke(_self: Any, _name: str, _qualifier: Any, body: Any, *_: Any) -> bytes:
        return json.dumps(service.handle(json.loads(body), Context())).encode()

    account.patch.setattr(LambdaSimpleBackend, "invoke", invoke)
    yield account
    service.close()
