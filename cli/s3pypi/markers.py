"""The markers in a project's directory: yanks (PEP 592) and the status (PEP 792).

Pure. Both the command and the Lambda function use it.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_REASON: Final = 512
"""The maximum length of a reason, in characters; installers show it in one line."""


class InvalidMarkerError(ValueError):
    """A marker is invalid; the message describes the problem."""


class Status(StrEnum):
    """A project's status (PEP 792)."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    QUARANTINED = "quarantined"


MEANINGS: Final = {
    Status.ACTIVE: "Files are listed. This is the default.",
    Status.ARCHIVED: "Files are listed; do not expect new ones.",
    Status.DEPRECATED: "Files are listed; use something else instead.",
    Status.QUARANTINED: "No file is listed, because none is safe to use.",
}
"""The meaning of each status for people who install the project."""


@dataclass(frozen=True, slots=True)
class StatusMarker:
    """The content of a `.project-status` marker.

    Attributes:
        status: The status of the project.
        reason: The reason; may be empty.
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
"""The status of a project without a marker."""


def parse_status(content: bytes) -> StatusMarker:
    """Parse the content of a `.project-status` marker.

    Raises:
        InvalidMarkerError: The content is malformed, or the status is not one of PEP 792.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidMarkerError(f"the marker is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise InvalidMarkerError('the marker is not of the form {"status": ..., "reason": ...}')
    known = [status.value for status in Status]
    if document.get("status") not in known:
        raise InvalidMarkerError(f"the marker's status is not one of {', '.join(known)}")
    reason = document.get("reason", "")
    if not isinstance(reason, str):
        raise InvalidMarkerError("the marker's reason is not a string")
    return StatusMarker(Status(document["status"]), reason)


def one_line(text: str) -> str:
    """Return an untrusted text as one printable line of limited length, for a page."""
    shown = (character for character in text if character.isprintable() or character.isspace())
    return " ".join("".join(shown).split())[:MAX_REASON].strip()
