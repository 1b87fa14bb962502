"""The arguments of the function's commands, which anybody who may invoke it chooses."""

from collections.abc import Mapping
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name

from lambda_indexer.errors import InvalidEventError
from s3pypi.layout import DirectoryPath


def bucket_of(event: Mapping[str, Any]) -> str:
    """Return the bucket of a command.

    Raises:
        InvalidEventError: It is missing.
    """
    bucket = event.get("bucket")
    if not isinstance(bucket, str) or not bucket:
        raise InvalidEventError("the command needs 'bucket', a non-empty string")
    return bucket


def prefix_of(event: Mapping[str, Any]) -> DirectoryPath:
    """Return the prefix of a command, slash-terminated, or empty.

    Raises:
        InvalidEventError: It is not a string.
    """
    prefix = event.get("prefix") or ""
    if not isinstance(prefix, str):
        raise InvalidEventError("'prefix' is not a string")
    return DirectoryPath(f"{prefix.strip('/')}/" if prefix.strip("/") else "")


def names_of(
    event: Mapping[str, Any], argument: str = "names", *, required: bool = False
) -> list[NormalizedName]:
    """Return the names in a list of a command, normalized and sorted.

    Raises:
        InvalidEventError: The list is invalid, or empty although it is required.
    """
    names = event.get(argument) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InvalidEventError(f"{argument!r} is not a list of strings")
    if required and not names:
        raise InvalidEventError(f"the command needs {argument!r}, a list of strings")
    try:
        return sorted({canonicalize_name(name, validate=True) for name in names})
    except ValueError as error:
        raise InvalidEventError(f"{argument!r}: {error}") from error
