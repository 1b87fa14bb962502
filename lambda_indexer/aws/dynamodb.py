"""The lock table in DynamoDB: the lease protocol as condition expressions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from botocore.exceptions import (  # noqa: TID251 - this adapter translates them
    BotoCoreError,
    ClientError,
)

from lambda_indexer.errors import LockTableError
from lambda_indexer.ports import MAX_PENDING, Acquisition, LockItem

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEEP_SECONDS: Final = 30 * 24 * 3600
"""How long items are kept after their last use; then DynamoDB's TTL deletes them."""

FREE: Final = "(attribute_not_exists(#Owner) OR ExpiresAt < :now OR #Owner = :me)"
NOT_COVERED: Final = "(attribute_not_exists(Completed) OR Completed <= :since)"
MINE: Final = "#Owner = :me AND #Run = :run"
ROOM: Final = "(attribute_not_exists(Pending) OR size(Pending) < :most)"
NO_OTHER_DIRT: Final = "(attribute_not_exists(Dirty) OR Dirty = :dirty)"

# Counters start at the current time, so that they never decrease, even after TTL has deleted an
# item. The highest run decides about an entry of a root page.
_ACQUIRE: Final = (
    "SET #Owner = :me, AcquiredAt = :now, ExpiresAt = :until, DeleteAt = :delete,"
    " #Run = if_not_exists(#Run, :start) + :one"
)
_COMPLETE: Final = "SET Completed = :run REMOVE #Owner, AcquiredAt, ExpiresAt"
_ABANDON: Final = "SET Dirty = :token REMOVE #Owner, AcquiredAt, ExpiresAt"
_RESERVED: Final = {"#Owner": "Owner", "#Run": "Run"}


class DynamoDBLockTable:
    """A DynamoDB table; implements `ports.LockTable`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._dynamodb = client
        self._table = table

    def close(self) -> None:
        """Close the connections."""
        self._dynamodb.close()

    def acquire(
        self, lock_id: str, owner: str, now: float, expires_at: float, unless_after: int | None
    ) -> Acquisition:
        """See `ports.LockTable`."""
        condition = FREE if unless_after is None else f"{FREE} AND {NOT_COVERED}"
        values: dict[str, Any] = {
            ":me": _text(owner),
            ":now": _number(now),
            ":until": _number(expires_at),
            ":delete": _number(int(expires_at) + KEEP_SECONDS),
            ":start": _number(int(now)),
            ":one": _number(1),
        }
        if unless_after is not None:
            values[":since"] = _number(unless_after)
        done, before = self._update(lock_id, _ACQUIRE, condition, values)
        run = (before.run or int(now)) + 1
        return Acquisition(run if done else None, before)

    def release(
        self,
        lock_id: str,
        owner: str,
        run: int,
        dirty: str | None,
        processed: frozenset[str],
        *,
        stale: frozenset[str] = frozenset(),
    ) -> bool:
        """See `ports.LockTable`."""
        update = _COMPLETE
        values: dict[str, Any] = {":me": _text(owner), ":run": _number(run)}
        if processed:
            update += " DELETE Pending :processed"
            values[":processed"] = {"SS": sorted(processed)}
        if stale:
            update = update.replace("SET ", "SET Stale = :stale, ", 1)
            values[":stale"] = {"SS": sorted(stale)}
        clean = update.replace("ExpiresAt", "ExpiresAt, Dirty", 1)
        seen = {**values, ":dirty": _text(dirty or "none")}
        done, before = self._update(lock_id, clean, f"{MINE} AND {NO_OTHER_DIRT}", seen)
        if done or before.completed == run:  # equal if the response of an earlier attempt was lost
            return True
        # The lease is still ours, but was marked as dirty meanwhile. It stays dirty.
        if before.owner == owner and self._update(lock_id, update, MINE, values)[0]:
            return True
        self._update(lock_id, "SET Dirty = :token", None, {":token": _token(run)})
        return False

    def abandon(self, lock_id: str, owner: str, run: int | None) -> None:
        """See `ports.LockTable`."""
        token = _token(run or 0)
        values = {":me": _text(owner), ":token": token}
        done, _ = self._update(lock_id, _ABANDON, "#Owner = :me", values)
        if not done and run is not None:
            self._update(lock_id, "SET Dirty = :token", None, {":token": token})

    def read(self, lock_id: str) -> LockItem:
        """See `ports.LockTable`."""
        try:
            answer = self._dynamodb.get_item(
                TableName=self._table, Key={"LockID": _text(lock_id)}, ConsistentRead=True
            )
        except (ClientError, BotoCoreError, OSError) as error:
            raise LockTableError(f"DynamoDB failed for the lock {lock_id}: {error}") from error
        return _item(answer.get("Item", {}))

    def forget(self, lock_id: str, stale: frozenset[str]) -> None:
        """See `ports.LockTable`."""
        values = {":stale": {"SS": sorted(stale)}}
        self._update(lock_id, "DELETE Stale :stale", "attribute_exists(LockID)", values)

    def declare(self, lock_id: str, entry: str, now: float) -> int | None:
        """See `ports.LockTable`."""
        values = {
            ":delete": _number(int(now) + KEEP_SECONDS),
            ":entry": {"SS": [entry]},
            ":most": _number(MAX_PENDING),
        }
        update = "SET DeleteAt = :delete ADD Pending :entry"
        done, before = self._update(lock_id, update, ROOM, values)
        return before.run if done else None

    def _update(
        self, lock_id: str, update: str, condition: str | None, values: Mapping[str, Any]
    ) -> tuple[bool, LockItem]:
        """Return whether the update was made, and the item before it."""
        names = {name: word for name, word in _RESERVED.items() if name in f"{update} {condition}"}
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": {"LockID": _text(lock_id)},
            "UpdateExpression": update,
            "ExpressionAttributeValues": values,
            "ReturnValues": "ALL_OLD",
        }
        if names:
            request["ExpressionAttributeNames"] = names
        if condition:
            request["ConditionExpression"] = condition
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            return True, _item(self._dynamodb.update_item(**request).get("Attributes", {}))
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            response: Mapping[str, Any] = error.response
            return False, _item(response.get("Item", {}))
        except (ClientError, BotoCoreError, OSError) as error:
            raise LockTableError(f"DynamoDB failed for the lock {lock_id}: {error}") from error


def _item(attributes: Mapping[str, Any]) -> LockItem:
    return LockItem(
        owner=attributes.get("Owner", {}).get("S"),
        expires_at=float(attributes.get("ExpiresAt", {}).get("N", 0)),
        run=int(attributes.get("Run", {}).get("N", 0)),
        completed=int(attributes.get("Completed", {}).get("N", 0)),
        dirty=attributes.get("Dirty", {}).get("S"),
        pending=frozenset(attributes.get("Pending", {}).get("SS", ())),
        stale=frozenset(attributes.get("Stale", {}).get("SS", ())),
    )


def _text(value: str) -> dict[str, str]:
    return {"S": value}


def _number(value: float) -> dict[str, str]:
    return {"N": str(round(value, 3))}


def _token(run: int) -> dict[str, str]:
    return _text(f"run {run} {uuid4()}")
