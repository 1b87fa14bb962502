"""Terraform's policies allow the necessary actions, and nothing else."""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError  # noqa: TID251 - what AWS itself says is looked at

from scripts.local.emulator import REGION
from tests.factories import sdist, wheel
from tests.integration.permissions.conftest import (
    DEAD_LETTERS,
    FUNCTION,
    OTHER,
    QUEUE,
    TABLE,
    Account,
    Context,
    Document,
    permit,
)
from tests.integration.permissions.documents import ACCOUNT, BUCKET
from tests.integration.permissions.enforcement import enforced

PUBLISH = Path(__file__).parents[3] / "docs" / "publish.md"
FOO = wheel("foo", "1.0")
KEY = f"foo/{FOO.filename}"


def write(directory: Path, *distributions: Any) -> list[str]:
    """Write distributions to disk."""
    for one in distributions:
        (directory / one.filename).write_bytes(one.content)
    return [str(directory / one.filename) for one in distributions]


def invoke(account: Account, *keys: str) -> list[str]:
    """Invoke the function with events of these keys, and return the failed messages."""
    records = [
        {
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}",
            "messageId": key,
            "receiptHandle": key,
            "attributes": {"ApproximateReceiveCount": "1"},
            "body": json.dumps(
                {
                    "Records": [
                        {
                            "eventSource": "aws:s3",
                            "s3": {"bucket": {"name": BUCKET}, "object": {"key": key}},
                        }
                    ]
                }
            ),
        }
        for key in keys
    ]
    with enforced():
        answer = account.function.handle({"Records": records}, Context())
    assert answer is not None
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_the_uploader_uploads_and_waits(
    deployed: Account, documents: Mapping[str, Document], tmp_path: Path
) -> None:
    """Small and multipart uploads work, and the pages can be read."""
    deployed.become(documents["uploader"])
    files = write(tmp_path, FOO, sdist("foo", "1.1"), sdist("foo", "1.2", extension=".zip"))
    assert deployed.command("upload", *files) == 0
    deployed.patch.setattr("s3pypi.digest.WHOLE_LIMIT", 0)
    [large] = write(tmp_path, wheel("foo", "2.0"))
    assert deployed.command("upload", large) == 0
    assert deployed.command("upload", *files, large, "--strict") == 0
    keys = sorted(deployed.objects())
    assert len(keys) == 4
    assert invoke(deployed, *keys) == []
    assert deployed.command("upload", *files, large, "--wait") == 0
    assert deployed.command("upload", *files, large, "--force") == 0


def test_the_operator_does_what_there_is_to_do(
    deployed: Account,
    documents: Mapping[str, Document],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All commands work."""
    deployed.become(documents["operator"])
    files = write(tmp_path, FOO, wheel("foo", "2.0"))
    assert deployed.command("upload", *files) == 0
    assert invoke(deployed, *deployed.objects()) == []
    assert deployed.command("upload", *files, "--wait") == 0
    for argv in (
        ["yank", "foo", "1.0", "--reason", "broken"],
        ["unyank", "foo", "1.0"],
        ["status", "foo", "archived", "--reason", "over"],
        ["status", "foo"],
        ["status", "foo", "active"],
        ["list", "--versions"],
        ["show", "foo"],
        ["promote", "foo", "1.0", "--to-prefix", "prod"],
        ["prune", "--all", "--older-than", "1d", "--keep", "1", "--apply"],
        ["delete", "foo", "2.0"],
        ["restore", "foo", "2.0"],
        ["delete", "foo", "2.0"],
        ["delete", "foo", "1.0", "--prefix", "prod"],
    ):
        assert deployed.command(*argv) == 0, capsys.readouterr().err
    assert deployed.command("verify") == 1  # nobody has told the function of the deletion
    assert deployed.command("rebuild", "--fresh", "--no-wait") == 0
    assert invoke(deployed, KEY) == []
    assert deployed.command("verify") == 0
    table = boto3.Session("root", "root").resource("dynamodb").Table(TABLE)
    table.put_item(Item={"LockID": f"{BUCKET}/foo", "Owner": "somebody"})
    assert deployed.command("force-unlock", TABLE, f"{BUCKET}/foo") == 0


@pytest.mark.parametrize(("source", "target"), [("dev", "prod"), ("prod", "dev")])
def test_the_promoter_promotes_one_way(
    deployed: Account, documents: Mapping[str, Document], source: str, target: str
) -> None:
    """It can promote from the first index to the second, and nothing else."""
    for index in ("dev", "prod"):
        deployed.put(f"{index}/bar/{wheel('bar', '1.0').filename}", wheel("bar", "1.0").content)
    deployed.put(f"{source}/{KEY}", FOO.content, Tagging="team=a")
    deployed.put(f"{source}/{KEY}.yanked", b"broken")
    for key in sorted(deployed.objects()):  # in one batch, they would wait for each other
        assert invoke(deployed, key) == []
    deployed.become(documents[f"promoter {source}={target}"])
    where = ["--from-prefix", source, "--to-prefix", target]
    assert deployed.command("promote", "foo", "1.0", *where) == 1
    options = ["--move"] if source == "prod" else []
    assert deployed.command("promote", "foo", "1.0", *where, "--unsafe", *options) == 0
    objects = deployed.objects()
    assert {f"{target}/{KEY}", f"{target}/{KEY}.yanked"} <= objects
    assert (f"{source}/{KEY}" in objects) == (not options)
    with enforced():
        s3 = boto3.Session().client("s3")
        put, delete = (
            partial(s3.put_object, Bucket=BUCKET),
            partial(s3.delete_object, Bucket=BUCKET),
        )
        for key in (f"{source}/{KEY}", f"{target}/foo/index.json", f"elsewhere/{KEY}", KEY):
            assert refused(partial(put, Key=key, Body=b""))
        for key in (f"{target}/{KEY}", f"{source}/foo/index.json", f"elsewhere/{KEY}"):
            assert refused(partial(delete, Key=key))
        assert refused(lambda: s3.list_objects_v2(Bucket=BUCKET))


def test_the_function_does_its_work(deployed: Account) -> None:
    """It lists, reads, moves, writes, deletes, invalidates, delays and sends."""
    deployed.put(KEY, FOO.content)
    dropped = wheel("bar", "1.0")
    deployed.put(dropped.filename, dropped.content, Tagging="team=a")
    assert invoke(deployed, KEY, dropped.filename) == []
    assert f"bar/{dropped.filename}" in deployed.objects()
    assert dropped.filename not in deployed.objects()
    assert invoke(deployed, f"bar/{dropped.filename}") == []
    deployed.put(KEY, wheel("foo", "1.0", "Summary: overwritten").content)
    assert invoke(deployed, KEY) == []
    [invalidation] = (
        boto3.Session("root", "root")
        .client("cloudfront")
        .list_invalidations(DistributionId=deployed.distribution)["InvalidationList"]["Items"]
    )
    assert invalidation["Status"] == "COMPLETED"
    s3 = boto3.Session("root", "root").client("s3")
    s3.delete_object(Bucket=BUCKET, Key=KEY)
    assert invoke(deployed, KEY) == []
    assert not any(key.startswith("foo/") for key in deployed.objects())
    deployed.become(permit("lambda:InvokeFunction"))
    assert deployed.command("rebuild", "--fresh", "--no-wait") == 0
    assert deployed.command("verify") == 0
    sqs = boto3.Session("root", "root").client("sqs")
    assert "Messages" in sqs.receive_message(QueueUrl=deployed.queue_url)
    with enforced():
        answer = deployed.function.handle({"command": "queue"}, Context())
    assert answer == {"waiting": 0, "in_flight": 1, "dead": 0}


def test_a_failed_message_is_delayed(deployed: Account, caplog: pytest.LogCaptureFixture) -> None:
    """The function may change the visibility of its messages."""
    deployed.put(KEY, FOO.content)
    table = boto3.Session("root", "root").resource("dynamodb").Table(TABLE)
    table.put_item(Item={"LockID": f"{BUCKET}/foo", "Owner": "somebody", "ExpiresAt": 99999999999})
    assert invoke(deployed, KEY) == [KEY]
    assert "AccessDenied" not in caplog.text
    assert "ReceiptHandleIsInvalid" in caplog.text


def test_the_reader_reads(deployed: Account, documents: Mapping[str, Document]) -> None:
    """It can list the bucket and read pages and files."""
    deployed.put(KEY, FOO.content)
    assert invoke(deployed, KEY) == []
    deployed.become(documents["reader"])
    with enforced():
        s3 = boto3.Session().client("s3")
        keys = [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert {KEY, f"{KEY}.metadata", "foo/", "foo/index.json", "index.html"} <= set(keys)
        for key in keys:
            s3.get_object(Bucket=BUCKET, Key=key)


Call = Callable[[], object]


def calls(account: Account) -> dict[str, Call]:
    """Return requests that most principals may not make."""
    session: Any = boto3.Session()
    s3, dynamodb, sqs = session.client("s3"), session.client("dynamodb"), session.client("sqs")
    functions, cloudfront = session.client("lambda"), session.client("cloudfront")
    item = {"LockID": {"S": "x"}}

    def put(key: str, bucket: str = BUCKET) -> Call:
        return lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"")

    def delete(key: str, bucket: str = BUCKET) -> Call:
        return lambda: s3.delete_object(Bucket=bucket, Key=key)

    def update(table: str) -> Call:
        return lambda: dynamodb.update_item(
            TableName=table, Key=item, UpdateExpression="REMOVE Dirty"
        )

    def send(queue: str) -> Call:
        url = account.queue_url.replace(QUEUE, queue)
        return lambda: sqs.send_message(QueueUrl=url, MessageBody="{}")

    def purge(queue: str) -> Call:
        url = account.queue_url.replace(QUEUE, queue)
        return lambda: sqs.purge_queue(QueueUrl=url)

    def invalidate(distribution: str) -> Call:
        batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "x"}
        return lambda: cloudfront.create_invalidation(
            DistributionId=distribution, InvalidationBatch=batch
        )

    return {
        "read a file": lambda: s3.get_object(Bucket=BUCKET, Key=KEY),
        "list": lambda: s3.list_objects_v2(Bucket=BUCKET),
        "put a file": put("foo/foo-2.0.tar.gz"),
        "put something else": put("foo/notes.txt"),
        "put a yank": put(f"{KEY}.yanked"),
        "put a status": put("foo/.project-status"),
        "put a metadata file": put(f"{KEY}.metadata"),
        "put an HTML page": put("foo/"),
        "put a JSON page": put("foo/index.json"),
        "put the root page": put("index.html"),
        "delete a file": delete(KEY),
        "delete a page": delete("foo/index.json"),
        "set an ACL": lambda: s3.put_object_acl(Bucket=BUCKET, Key=KEY, ACL="public-read"),
        "set the bucket's policy": lambda: s3.put_bucket_policy(Bucket=BUCKET, Policy="{}"),
        "delete the bucket": lambda: s3.delete_bucket(Bucket=BUCKET),
        "read elsewhere": lambda: s3.get_object(Bucket=OTHER, Key=KEY),
        "list elsewhere": lambda: s3.list_objects_v2(Bucket=OTHER),
        "put a file elsewhere": put(KEY, OTHER),
        "delete elsewhere": delete(KEY, OTHER),
        "copy a file elsewhere": lambda: s3.copy_object(
            Bucket=OTHER, Key=KEY, CopySource={"Bucket": BUCKET, "Key": KEY}
        ),
        "update a lock": update(TABLE),
        "read a lock": lambda: dynamodb.get_item(TableName=TABLE, Key=item),
        "delete a lock": lambda: dynamodb.delete_item(TableName=TABLE, Key=item),
        "put a lock": lambda: dynamodb.put_item(TableName=TABLE, Item=item),
        "read all locks": lambda: dynamodb.scan(TableName=TABLE),
        "delete the table": lambda: dynamodb.delete_table(TableName=TABLE),
        "update another table": update(OTHER),
        "send to the queue": send(QUEUE),
        "send to the dead letters": send(DEAD_LETTERS),
        "send to another queue": send(OTHER),
        "purge the queue": purge(QUEUE),
        "purge the dead letters": purge(DEAD_LETTERS),
        "invoke the function": lambda: functions.invoke(FunctionName=FUNCTION, Payload=b"{}"),
        "invoke another function": lambda: functions.invoke(FunctionName=OTHER, Payload=b"{}"),
        "change the function": lambda: functions.update_function_configuration(
            FunctionName=FUNCTION, Timeout=1
        ),
        "invalidate": invalidate(account.distribution),
        "invalidate another distribution": invalidate("E00000000OTHER"),
    }


def refused(call: Call) -> bool:
    """Return whether a request is refused for a missing permission."""
    try:
        call()
    except ClientError as error:
        # Not by its code, which the emulator has in XML where the service speaks JSON.
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.FORBIDDEN
    return False


UPLOADER = {"read a file", "put a file"}
READER = {"read a file", "list"}
OPERATOR = {
    *UPLOADER,
    *READER,
    *("put a yank", "put a status", "delete a file"),
    *("update a lock", "invoke the function", "send to the queue"),
}
ROLE = {
    *READER,
    *("put a file", "put something else", "put a yank", "put a status", "put a metadata file"),
    *("put an HTML page", "put a JSON page", "put the root page"),
    *("delete a file", "delete a page"),
    *("read a lock", "update a lock", "send to the queue", "invalidate"),
}


@pytest.mark.parametrize(
    ("names", "allowed"),
    [
        (["uploader"], UPLOADER),
        (["reader"], READER),
        (["operator"], OPERATOR),
        (["function", "function_cdn"], ROLE),
        (["basic_auth"], set()),
        (["token"], set()),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else "",
)
def test_nothing_else_is_allowed(
    deployed: Account, documents: Mapping[str, Document], names: list[str], allowed: set[str]
) -> None:
    """Of these requests, only the intended ones are allowed."""
    deployed.patch.setattr("lambda_indexer.service.Service.handle", lambda *_: None)
    deployed.put(KEY, FOO.content)
    deployed.become(*(documents[name] for name in names))
    with enforced():
        assert {what for what, call in calls(deployed).items() if not refused(call)} == allowed


def test_with_every_permission_nothing_is_refused(deployed: Account) -> None:
    """Refusals in the other tests are due to missing permissions."""
    deployed.patch.setattr("lambda_indexer.service.Service.handle", lambda *_: None)
    deployed.put(KEY, FOO.content)
    deployed.become(permit("*"))
    with enforced():
        assert [what for what, call in calls(deployed).items() if refused(call)] == []


def statements(document: Document) -> list[dict[str, Any]]:
    """Return a document's statements, in normalised order."""
    return [
        {
            name: sorted(value) if isinstance(value, list) else value
            for name, value in statement.items()
        }
        for statement in document["Statement"]
    ]


def test_the_documentation_shows_the_uploaders_policy(documents: Mapping[str, Document]) -> None:
    """It is the policy that Terraform creates."""
    [shown] = re.findall(r"```json\n(.*?)\n```", PUBLISH.read_text(), re.DOTALL)
    assert statements(json.loads(shown)) == statements(documents["uploader"])


def test_no_policy_has_conditions_here(documents: Mapping[str, Document]) -> None:
    """The emulator ignores conditions, so policies must have none in these tests."""
    for name, document in documents.items():
        for one in document["Statement"]:
            # A key may be used through S3 alone; these calls reach KMS in no other way here.
            through_s3 = list(one.get("Condition", {}).get("StringEquals", {})) == [
                "kms:ViaService"
            ]
            assert "Condition" not in one or name == "token" or through_s3, one


def test_the_token_policy_allows_this_token_alone(documents: Mapping[str, Document]) -> None:
    """It requires one audience and the algorithm, and no tags."""
    assert documents["token"]["Statement"] == [
        {
            "Sid": "GetTokensForThisIndex",
            "Effect": "Allow",
            "Action": "sts:GetWebIdentityToken",
            "Resource": "*",
            "Condition": {
                "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": "pypi.example.com"},
                "Null": {"sts:IdentityTokenAudience": "false"},
                "StringEquals": {"sts:SigningAlgorithm": "RS256"},
            },
        }
    ]
