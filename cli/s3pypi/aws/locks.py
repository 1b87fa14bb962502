"""Release the lock of a project or of a root page by force."""

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
    """The state of a lock before it was released.

    Attributes:
        owner: The previous owner.
        acquired: When it was acquired; None if unknown.
        expires: When it would have expired; None if unknown.
    """

    owner: str
    acquired: datetime | None
    expires: datetime | None


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class LockTable:
    """The DynamoDB table with the locks.

    Attributes:
        client: A client from `clients.dynamodb_client`.
        name: The table's name.
        now: Returns the current time, with a time zone.
        token: Returns a unique string.
    """

    client: "DynamoDBClient"
    name: str
    now: Callable[[], datetime] = _now
    token: Callable[[], str] = secrets.token_hex

    def force_unlock(self, lock_id: str) -> Lease:
        """Release a lock and return its previous state.

        The item and its counters stay, because waiting invocations rely on them. The item is marked
        as dirty, so that the next run repairs work that the owner may have left unfinished.

        Args:
            lock_id: The lock's ID, such as `example-bucket/prefix/project`.

        Raises:
            AwsError: The table cannot be written.
            S3PyPIError: The lock is not held.
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
                    "it is not held"
                    if error.response.get("Item")
                    else "there is no such lock; an ID looks like 'bucket/prefix/project', "
                    "or ends in '/' for a root page"
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
