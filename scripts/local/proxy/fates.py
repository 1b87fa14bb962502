"""The fates of calls in the proxy, and its counters."""

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
"""The status codes of errors, by S3's and CloudFront's error codes."""


class How(StrEnum):
    """The outcome of a call."""

    PASS = "pass"  # noqa: S105 - the call is passed on
    REFUSE = "refuse"
    """The call fails with an error, without taking effect."""
    LOSE = "lose"
    """The call takes effect, but the response is an internal error."""
    CUT = "cut"
    """The call takes effect, but the connection is closed without a response."""


@dataclass(frozen=True, slots=True)
class Fate:
    """The fate of one call.

    Attributes:
        delay: The delay in seconds.
        how: The outcome.
        code: The error code of a refused call; one of `STATUSES`.
    """

    delay: float = 0
    how: How = How.PASS
    code: str = "SlowDown"


@dataclass(slots=True)
class Tally:
    """The counters of a proxy.

    Attributes:
        calls: The number of calls by service and operation; each retry is a call.
        fates: The number of calls by outcome.
        sent: The number of bytes in bodies of requests.
        received: The number of bytes in bodies of responses.
    """

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    fates: Counter[How] = field(default_factory=Counter)
    sent: int = 0
    received: int = 0
