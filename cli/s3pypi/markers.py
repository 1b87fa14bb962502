"""The markers beside a project's files: yanks (PEP 592), a status (PEP 792).

Pure, and used by the command and by the Lambda function.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_REASON: Final = 512
"""In characters: a reason is shown beside each of the files, and by installers in a line."""


class InvalidMarkerError(ValueError):
    """A marker cannot be understood; the text says why, for a person to read."""


class Status(StrEnum):
    """A project's status (PEP 792)."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    QUARANTINED = "quarantined"


MEANINGS: Final = {
    Status.ACTIVE: "Files are offered. This is the default.",
    Status.ARCHIVED: "Files are offered; do not expect new ones.",
    Status.DEPRECATED: "Files are offered; use something else instead.",
    Status.QUARANTINED: "No file is offered, because none is safe to use.",
}
"""What each status means to people who install the project."""


@dataclass(frozen=True, slots=True)
class StatusMarker:
    """What a `.project-status` marker says.

    Attributes:
        status: of the project.
        reason: for people; empty when none is given.
    """

    status: Status
    reason: str = ""

    def to_json(self) -> bytes:
        """Return the content of the marker."""
        content = {"status": self.status.value}
        if self.reason:
            content["reason"] = self.reason
        return json.dumps(content, ensure_ascii=False).encode()


ACTIVE: Final = StatusMarker(Status.ACTIVE)
"""What a project without a marker is."""


def parse_status(content: bytes) -> StatusMarker:
    """Return what a `.project-status` marker says.

    Raises:
        InvalidMarkerError: It has no status that PEP 792 knows.
    """
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidMarkerError(f"the marker is not JSON: {error}") from error
    if not isinstance(said, dict):
        raise InvalidMarkerError('the marker is not of the form {"status": ..., "reason": ...}')
    known = [status.value for status in Status]
    if said.get("status") not in known:
        raise InvalidMarkerError(f"the marker's status is not one of {', '.join(known)}")
    reason = said.get("reason", "")
    if not isinstance(reason, str):
        raise InvalidMarkerError("the marker's reason is not a text")
    return StatusMarker(Status(said["status"]), reason)


def one_line(text: str) -> str:
    """Return a text that somebody wrote as a page shows it: one printable line, bounded."""
    shown = (character for character in text if character.isprintable() or character.isspace())
    return " ".join("".join(shown).split())[:MAX_REASON].strip()
