"""The outcome of an upload."""

import enum
from dataclasses import dataclass

from s3pypi.uploads.distribution import Distribution


class Existing(enum.Enum):
    """What to do with a file that already exists with different content."""

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
        key: Its key in the bucket.
        outcome: Whether it was uploaded.
        reason: Why it was `SKIPPED` or `FAILED`, for the user.
        etag: The object's, if it has this file's content: after `UPLOADED` and `IDENTICAL`.
    """

    distribution: Distribution
    key: str
    outcome: Outcome
    reason: str = ""
    etag: str = ""
