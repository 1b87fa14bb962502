import json
from pathlib import Path

import pytest

from s3pypi.markers import (
    MEANINGS,
    InvalidMarkerError,
    Status,
    StatusMarker,
    parse_status,
)


def test_documentation_explains_each_status() -> None:
    """docs/publish.md and the help describe each status with the same words."""
    page = (Path(__file__).parents[3] / "docs" / "publish.md").read_text()
    for status, meaning in MEANINGS.items():
        assert f"| `{status}` | {meaning} |" in page


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("reason", ["", 'naïve "日本"'])
def test_status_survives(status: Status, reason: str) -> None:
    """A written marker is read unchanged."""
    assert parse_status(StatusMarker(status, reason).to_json()) == StatusMarker(status, reason)


def test_content() -> None:
    """The marker has the documented JSON, without a key for a missing reason."""
    assert json.loads(StatusMarker(Status.ARCHIVED, "why").to_json()) == {
        "status": "archived",
        "reason": "why",
    }
    assert json.loads(StatusMarker(Status.ARCHIVED).to_json()) == {"status": "archived"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"archived", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'"archived"', "not of the form"),
        (b"{}", "not one of active, archived, deprecated, quarantined"),
        (b'{"status": "Archived"}', "not one of"),
        (b'{"status": ["archived"]}', "not one of"),
        (b'{"status": "archived", "reason": null}', "reason is not a string"),
        (b'{"status": "archived", "reason": 1}', "reason is not a string"),
    ],
)
def test_bad_content(content: bytes, message: str) -> None:
    """Invalid markers are refused with the reason."""
    with pytest.raises(InvalidMarkerError, match=message):
        parse_status(content)
