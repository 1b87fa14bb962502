"""What the markers beside a project's files say: why a file is yanked, and a project's status."""

import json
import unicodedata
from dataclasses import dataclass

from s3pypi.errors import MarkerError, UsageError

REASON_LIMIT = 512
"""In characters: a reason is shown beside each of the files, and by installers in a line."""

STATUSES = {
    "active": "the files are offered; every project's status unless another is set",
    "archived": "the files are offered, and no new ones are to be expected",
    "deprecated": "the files are offered, and something else is to be used instead",
    "quarantined": "no file is offered, because it is not safe to use any of them",
}
"""PEP 792's statuses, and what each means here."""


@dataclass(frozen=True)
class Status:
    """A project's status (PEP 792).

    Attributes:
        status: One of `STATUSES`.
        reason: For people; empty when none is given.
    """

    status: str
    reason: str = ""

    def to_json(self) -> bytes:
        """Return the content of the marker."""
        content = {"status": self.status} | ({"reason": self.reason} if self.reason else {})
        return json.dumps(content, ensure_ascii=False).encode()


ACTIVE = Status("active")
"""What a project without a marker is."""


def parse_status(content: bytes) -> Status:
    """Return what a `.project-status` marker says; the indexer understands the same ones.

    Raises:
        MarkerError: It says no status.
    """
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MarkerError(f"it is not JSON: {error}") from error
    if not isinstance(said, dict):
        raise MarkerError('it is not of the form {"status": ..., "reason": ...}')
    status, reason = said.get("status"), said.get("reason", "")
    if not isinstance(status, str) or status not in STATUSES:
        raise MarkerError(f"its status is not one of {', '.join(STATUSES)}")
    if not isinstance(reason, str):
        raise MarkerError("its reason is not a text")
    return Status(status, reason)


def parse_reason(text: str) -> str:
    """Return a reason without the space around it.

    Raises:
        UsageError: It is longer than `REASON_LIMIT`, or not one line of text.
    """
    reason = text.strip()
    for character in reason:
        # Controls, what is no UTF-8, and Unicode's own separators of lines and paragraphs.
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            raise UsageError(f"a reason is one line of plain text; this one has {character!r}")
    if len(reason) > REASON_LIMIT:
        raise UsageError(
            f"a reason has at most {REASON_LIMIT} characters; this one has {len(reason)}"
        )
    return reason
