"""The results of an upload."""

import enum
from dataclasses import dataclass

from s3pypi.uploads.distribution import Distribution


class Existing(enum.Enum):
    """The policy for a file that already exists with different content."""

    SKIP = enum.auto()
    FAIL = enum.auto()
    REPLACE = enum.auto()


class Outcome(enum.StrEnum):
    """The outcome for one file."""

    UPLOADED = "uploaded"
    IDENTICAL = "identical"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Result:
    """The result for one file.

    Attributes:
        distribution: The file.
        key: The key in the bucket.
        outcome: The outcome.
        reason: The reason for `SKIPPED` or `FAILED`, for the user.
        etag: The object's ETag if it has this file's content (`UPLOADED` and `IDENTICAL`).
    """

    distribution: Distribution
    key: str
    outcome: Outcome
    reason: str = ""
    etag: str = ""
