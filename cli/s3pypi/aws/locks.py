"""Releasing a lease on a project's or a root page that nobody will release otherwise."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from s3pypi.aws.errors import translated
from s3pypi.errors import S3PyPIError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


@dataclass(frozen=True)
class Lease:
    """A lease as it was when it was taken away.

    Attributes:
        owner: Whose it was.
        acquired: Since when, if the table says.
        expires: Until when, if the table says.
    """

    owner: str
    acquired: datetime | None
    expires: datetime | None


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class LockTable:
    """The DynamoDB table of the leases.

    Attributes:
        client: Made by `clients.dynamodb_client`.
        name: The table's.
        now: The time, with its zone.
        token: Returns something new each time.
    """

    client: "DynamoDBClient"
    name: str
    now: Callable[[], datetime] = _now
    token: Callable[[], str] = secrets.token_hex

    def force_unlock(self, lock_id: str) -> Lease:
        """Take a lease from its owner and return it.

        The item stays, and its counters with it: those who wait go by them. It is marked dirty, so
        that the next run trusts nothing that the owner may have left half done.

        Args:
            lock_id: Such as `example-bucket/prefix/project`.

        Raises:
            AwsError: The table cannot be written.
            S3PyPIError: Nobody holds the lease.
        """
        doing = f"cannot release {lock_id!r} in table {self.name!r}"
        with translated(doing, "dynamodb:UpdateItem"):
            try:
                before = self.client.update_item(
                    TableName=self.name,
                    Key={"LockID": {"S": lock_id}},
                    UpdateExpression="REMOVE #owner, AcquiredAt, ExpiresAt SET Dirty = :dirty",
                    ConditionExpression="attribute_exists(#owner)",
                    ExpressionAttributeNames={"#owner": "Owner"},
                    ExpressionAttributeValues={
                        ":dirty": {"S": f"force-unlock {self.now().isoformat()} {self.token()}"}
                    },
                    ReturnValues="ALL_OLD",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                ).get("Attributes", {})
            except self.client.exceptions.ConditionalCheckFailedException as error:
                why = (
                    "nobody holds it"
                    if error.response.get("Item")
                    else "there is no such lock; it looks like 'bucket/prefix/project', "
                    "and that of a root page ends in '/'"
                )
                raise S3PyPIError(f"{doing}: {why}") from error
        return Lease(
            owner=before["Owner"].get("S", "?"),
            acquired=_time(before, "AcquiredAt"),
            expires=_time(before, "ExpiresAt"),
        )


def _time(item: Mapping[str, "AttributeValueTypeDef"], name: str) -> datetime | None:
    seconds = item.get(name, {}).get("N")
    return datetime.fromtimestamp(float(seconds), UTC) if seconds else None
