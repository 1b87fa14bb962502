import pytest

from scripts.local.edge.conditional import (
    NotModified,
    Part,
    Selection,
    Unsatisfiable,
    Whole,
    is_conditional,
    select,
)

MODIFIED = "Sun, 22 Nov 2026 10:00:00 GMT"
STORED = {"etag": '"abc"', "last-modified": MODIFIED, "content-length": "10"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", Part(0, 0)),
        ("bytes=2-5", Part(2, 5)),
        ("bytes=2-", Part(2, 9)),
        ("bytes=2-99", Part(2, 9)),
        ("bytes=-3", Part(7, 9)),
        ("bytes=-99", Part(0, 9)),
        ("Bytes=9-9", Part(9, 9)),
        ("bytes=10-", Unsatisfiable(10)),
        ("bytes=-0", Unsatisfiable(10)),
        ("bytes=5-2", Whole()),
        ("bytes=-", Whole()),
        ("bytes=a-b", Whole()),
        ("bytes=0-1,3-4", Whole()),
        ("lines=0-1", Whole()),
        ("bytes=" + "9" * 5000 + "-", Whole()),
        ("", Whole()),
    ],
)
def test_range(asked: str, expected: Selection) -> None:
    """One valid range is supported, and others are ignored."""
    assert select({"range": asked}, STORED) == expected


@pytest.mark.parametrize("asked", ["bytes=0-", "bytes=-1"])
def test_range_of_nothing(asked: str) -> None:
    """An empty object has no range."""
    assert select({"range": asked}, {**STORED, "content-length": "0"}) == Unsatisfiable(0)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"if-none-match": '"abc"'}, NotModified()),
        ({"if-none-match": 'W/"abc"'}, NotModified()),
        ({"if-none-match": '"x", W/"y,z" , "abc"'}, NotModified()),
        ({"if-none-match": "*"}, NotModified()),
        ({"if-none-match": '"x"'}, Whole()),
        ({"if-none-match": "abc"}, Whole()),
        ({"if-none-match": '"x"', "if-modified-since": MODIFIED}, Whole()),
        ({"if-modified-since": MODIFIED}, NotModified()),
        ({"if-modified-since": "Sun, 22 Nov 2026 12:00:00 +0100"}, NotModified()),
        ({"if-modified-since": "Sun, 22 Nov 2026 09:59:59 GMT"}, Whole()),
        ({"if-modified-since": "yesterday"}, Whole()),
        ({"if-modified-since": "Sun, 22 Nov 99999999999 09:59:59 GMT"}, Whole()),
        ({"if-none-match": '"abc"', "range": "bytes=0-1"}, NotModified()),
    ],
)
def test_condition(headers: dict[str, str], expected: Selection) -> None:
    """A current copy is not sent again; ETags override dates."""
    assert select(headers, STORED) == expected


@pytest.mark.parametrize(
    ("validator", "expected"),
    [
        ('"abc"', Part(0, 1)),
        (MODIFIED, Part(0, 1)),
        ('W/"abc"', Whole()),
        ('"x"', Whole()),
        ("Mon, 23 Nov 2026 10:00:00 GMT", Whole()),
    ],
)
def test_if_range(validator: str, expected: Selection) -> None:
    """A download is resumed only with the same version."""
    assert select({"range": "bytes=0-1", "if-range": validator}, STORED) == expected


def test_if_range_alone() -> None:
    """If-Range without Range is ignored."""
    assert not is_conditional({"if-range": '"abc"'})
    assert is_conditional({"range": ""})
