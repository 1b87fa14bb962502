"""`s3pypi yank`, `unyank` and `status`, with a bucket in memory."""

import pytest

from tests.unit.cli.fakes import FakeBucket, plain
from tests.unit.cli.running import WHEEL_KEY, run


def test_yank_and_unyank(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """Each file is reported; a second unyank is an error."""
    bucket.objects[WHEEL_KEY] = bucket.objects["team/demo/demo-1.0.zip"] = plain(b"")
    release = ("Demo", "1.0.0", "-b", "bucket", "--prefix", "team")
    urls = [f"s3://bucket/{WHEEL_KEY}", "s3://bucket/team/demo/demo-1.0.zip"]
    found = run(capsys, "yank", *release, "--reason", "naïve")
    assert found == (0, [f"yanked: {url}" for url in urls], "")
    assert bucket.objects[f"{WHEEL_KEY}.yanked"].content == "naïve".encode()
    found = run(capsys, "unyank", *release, "--file", "demo-1.0.zip")
    assert found[:2] == (0, [f"unyanked: {urls[1]}"])
    assert run(capsys, "unyank", *release)[:2] == (0, [f"unyanked: {urls[0]}"])
    assert set(bucket.objects) == {WHEEL_KEY, "team/demo/demo-1.0.zip"}
    code, lines, notes = run(capsys, "unyank", *release)
    assert (code, lines) == (1, [])
    assert notes == "s3pypi: error: no file of demo 1.0.0 is yanked\n"


@pytest.mark.parametrize("command", ["yank", "unyank"])
def test_yank_of_nothing(
    capsys: pytest.CaptureFixture[str], bucket: FakeBucket, command: str
) -> None:
    """A missing version or file is an error with the existing ones."""
    bucket.objects[WHEEL_KEY] = bucket.objects[f"{WHEEL_KEY}.yanked"] = plain(b"")
    options = ("-b", "bucket", "--prefix", "team")
    code, lines, notes = run(capsys, command, "demo", "2.0", *options)
    assert (code, lines) == (1, [])
    assert "demo 2.0 is not in s3://bucket/team/demo/; there is 1.0" in notes
    code, lines, notes = run(capsys, command, "demo", "1.0", *options, "--file", "demo-1.0.zip")
    assert (code, lines) == (1, [])
    assert "'demo-1.0.zip' is not a" in notes
    assert "there is demo-1.0-py3-none-any.whl" in notes
    assert {method for method, _key in bucket.requests} == {"list"}


def test_status(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """A status is shown with its reason, set, and removed."""
    bucket.objects[WHEEL_KEY] = plain(b"")
    options = ("-b", "bucket", "--prefix", "team")
    assert run(capsys, "status", "Demo", *options) == (0, ["active"], "")
    found = run(capsys, "status", "Demo", "archived", *options, "--reason", "see other")
    assert found == (0, ["set to archived: s3://bucket/team/demo/"], "")
    assert run(capsys, "status", "Demo", *options)[:2] == (0, ["archived: see other"])
    assert run(capsys, "status", "Demo", "quarantined", *options)[0] == 0
    assert run(capsys, "status", "Demo", *options)[:2] == (0, ["quarantined"])
    found = run(capsys, "status", "Demo", "active", *options)
    assert found[:2] == (0, ["set to active: s3://bucket/team/demo/"])
    assert set(bucket.objects) == {WHEEL_KEY}


def test_status_of_nothing(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """A project without files has no status, and cannot get one."""
    for status in ((), ("archived",), ("active",)):
        code, lines, notes = run(capsys, "status", "Demo", *status, "-b", "bucket")
        assert (code, lines) == (1, [])
        assert notes == "s3pypi: error: there is no file of project demo in s3://bucket/demo/\n"
    assert not bucket.objects


def test_status_that_means_nothing(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """An invalid marker is an error until a status replaces it."""
    bucket.objects |= {WHEEL_KEY: plain(b""), "team/demo/.project-status": plain(b"archived")}
    options = ("-b", "bucket", "--prefix", "team")
    code, lines, notes = run(capsys, "status", "demo", *options)
    assert (code, lines) == (1, [])
    assert (
        "s3://bucket/team/demo/.project-status has no effect, because the marker is not JSON"
        in notes
    )
    assert "set a status to replace it" in notes
    assert run(capsys, "status", "demo", "deprecated", *options)[0] == 0
    assert run(capsys, "status", "demo", *options)[:2] == (0, ["deprecated"])


def test_status_of_strange_characters(
    capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """Control characters in reasons are escaped."""
    said = rb'{"status": "archived", "reason": "a\nb\u001b[2J\ud800"}'
    bucket.objects["demo/.project-status"] = plain(said)
    found = run(capsys, "status", "demo", "-b", "bucket")
    assert found == (0, [r"archived: a\nb\x1b[2J\ud800"], "")


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (("yank", "demo", "1.0"), f"would yank: s3://bucket/{WHEEL_KEY}"),
        (("unyank", "demo", "1.0"), f"would unyank: s3://bucket/{WHEEL_KEY}"),
        (("status", "demo", "archived"), "would be set to archived: s3://bucket/team/demo/"),
        (("status", "demo", "active"), "would be set to active: s3://bucket/team/demo/"),
    ],
)
def test_dry_run_of_markers(
    capsys: pytest.CaptureFixture[str], bucket: FakeBucket, argv: tuple[str, ...], line: str
) -> None:
    """A dry run changes nothing."""
    bucket.objects[WHEEL_KEY] = bucket.objects[f"{WHEEL_KEY}.yanked"] = plain(b"")
    found = run(capsys, *argv, "-b", "bucket", "--prefix", "team", "--dry-run")
    assert found == (0, [line], "")
    assert bucket.requests == [("list", "team/demo/")]
