"""Destroy the deployments; this starts after the tests of `test_apply`."""

from .conftest import Deployments


def test_destroy_leaves_nothing(deployments: Deployments) -> None:
    """Neither the state nor the account has any resources left."""
    made = deployments["root"]
    for done in deployments.destroy().values():
        done.result()
    assert made.terraform.run("state", "list") == ""
    assert made.clients.s3.list_buckets()["Buckets"] == []
    assert made.clients.sqs.list_queues().get("QueueUrls", []) == []
    assert made.clients.dynamodb.list_tables()["TableNames"] == []
