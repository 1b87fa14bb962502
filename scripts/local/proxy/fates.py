"""What the proxy may do to a call, and what it has counted."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

STATUSES: Final = {
    "AccessDenied": 403,
    "FunctionInUse": 409,
    "InternalError": 500,
    "InvalidRequest": 400,
    "KMS.DisabledException": 400,
    "PreconditionFailed": 412,
    "SlowDown": 503,
}
"""The errors that a call can be answered with, by S3's and CloudFront's names for them."""


class How(StrEnum):
    """What becomes of a call."""

    PASS = "pass"  # noqa: S105 - it goes through
    REFUSE = "refuse"
    """It is answered with an error and has no effect."""
    LOSE = "lose"
    """It takes effect, and its answer is an internal error."""
    CUT = "cut"
    """It takes effect, and the connection ends without an answer."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What befalls one call.

    Attributes:
        delay: seconds until it is begun.
        how: what becomes of it then.
        code: the error that a refused call is answered with; one of `STATUSES`.
    """

    delay: float = 0
    how: How = How.PASS
    code: str = "SlowDown"


@dataclass(slots=True)
class Tally:
    """What has passed through a proxy.

    Attributes:
        calls: by service and operation; retries are calls of their own.
        fates: what became of them.
        sent: bytes of bodies from clients to AWS.
        received: bytes of bodies from AWS to clients.
    """

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    fates: Counter[How] = field(default_factory=Counter)
    sent: int = 0
    received: int = 0
