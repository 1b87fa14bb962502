import json
from pathlib import Path

import pytest

from s3pypi.errors import MarkerError, UsageError
from s3pypi.markers import REASON_LIMIT, STATUSES, Status, parse_reason, parse_status


@pytest.mark.parametrize("reason", ["", '"broken" on <3.9 & naïve 日本 👩‍🔬', "x" * REASON_LIMIT])
def test_reason(reason: str) -> None:
    """Any line of text is a reason; the space around it does not count."""
    assert parse_reason(f" {reason}\n") == reason


@pytest.mark.parametrize("character", ["\n", "\r", "\t", "\0", "\x1b", "\x85", "\u2028", "\udcff"])
def test_reason_of_strange_characters(character: str) -> None:
    """What breaks a line, steers a terminal or is no UTF-8 is refused, and named."""
    with pytest.raises(UsageError) as caught:
        parse_reason(f"a{character}b")
    assert str(caught.value).endswith(f"one line of plain text; this one has {character!r}")


def test_long_reason() -> None:
    """A reason that is too long is refused with both numbers; characters count, not bytes."""
    assert parse_reason("ï" * REASON_LIMIT)
    with pytest.raises(UsageError, match="at most 512 characters; this one has 513"):
        parse_reason("x" * (REASON_LIMIT + 1))


def test_documentation_explains_each_status() -> None:
    """docs/publish.md says of each status what the help says."""
    page = (Path(__file__).parents[3] / "docs" / "publish.md").read_text()
    for status, meaning in STATUSES.items():
        assert f"| `{status}` | {meaning} |" in page


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("reason", ["", 'naïve "日本"'])
def test_status_survives(status: str, reason: str) -> None:
    """What is written is what is read."""
    assert parse_status(Status(status, reason).to_json()) == Status(status, reason)


def test_content() -> None:
    """The marker is the JSON of the bucket's layout; without a reason there is no such key."""
    assert json.loads(Status("archived", "why").to_json()) == {
        "status": "archived",
        "reason": "why",
    }
    assert json.loads(Status("archived").to_json()) == {"status": "archived"}


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
        (b'{"status": "archived", "reason": null}', "reason is not a text"),
        (b'{"status": "archived", "reason": 1}', "reason is not a text"),
    ],
)
def test_bad_content(content: bytes, message: str) -> None:
    """What says no status is refused with what is wrong about it."""
    with pytest.raises(MarkerError, match=message):
        parse_status(content)
