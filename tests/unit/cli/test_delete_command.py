"""`s3pypi delete`, with a bucket in memory."""

import io
import sys

import pytest

from s3pypi.cli import INTERRUPTED, main
from tests.unit.cli.fakes import FakeBucket, plain
from tests.unit.cli.running import WHEEL_KEY, run


def test_delete(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """Each deleted key is reported; a missing version is an error."""
    bucket.objects[WHEEL_KEY] = bucket.objects[f"{WHEEL_KEY}.yanked"] = plain(b"")
    argv = ("delete", "Demo", "1.0", "-b", "bucket", "--prefix", "team")
    expected = [f"s3://bucket/{WHEEL_KEY}", f"s3://bucket/{WHEEL_KEY}.yanked"]
    assert run(capsys, *argv, "--dry-run")[:2] == (0, [f"would delete: {e}" for e in expected])
    assert len(bucket.objects) == 2
    assert run(capsys, *argv)[:2] == (0, [f"deleted: {each}" for each in expected])
    assert not bucket.objects
    code, lines, notes = run(capsys, *argv)
    assert (code, lines) == (1, [])
    assert "demo 1.0 is not in s3://bucket/team/demo/; there is no version" in notes


OBJECTS = ("demo-1.0.zip", "demo-2.0.zip", "demo-2.0.zip.yanked", "demo-new.egg", "x-1.0.zip")


OWN = (*OBJECTS, ".project-status", "index.json", "", "demo-1.0.zip.metadata")


@pytest.mark.parametrize(
    ("argv", "deleted"),
    [
        (("1.0.0",), ["demo-1.0.zip"]),
        (("2.0",), ["demo-2.0.zip", "demo-2.0.zip.yanked"]),
        (("--file", "demo-2.0.zip"), ["demo-2.0.zip", "demo-2.0.zip.yanked"]),
        (("--file", "demo-new.egg", "--file", "x-1.0.zip"), ["demo-new.egg", "x-1.0.zip"]),
        (
            ("--yes",),
            [
                *("demo-1.0.zip", "demo-2.0.zip", "x-1.0.zip", ".project-status"),
                "demo-2.0.zip.yanked",
            ],
        ),
    ],
)
def test_what_is_deleted(
    capsys: pytest.CaptureFixture[str],
    bucket: FakeBucket,
    argv: tuple[str, ...],
    deleted: list[str],
) -> None:
    """A version, named files or a project are deleted, but not pages or metadata files."""
    bucket.objects |= {f"team/demo/{name}": plain(b"") for name in OWN}
    bucket.objects["team/demo/below/demo-1.0.zip"] = plain(b"")
    options = ("-b", "bucket", "--prefix", "team")
    assert main(["delete", "demo", *argv, *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"deleted: s3://bucket/team/demo/{name}" for name in deleted]
    assert len(bucket.objects) == len(OWN) + 1 - len(deleted)


def test_delete_of_a_file_that_is_not_there(
    capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """A missing file is an error with the existing ones, and nothing is deleted."""
    bucket.objects["demo/demo-1.0.zip"] = bucket.objects["demo/index.json"] = plain(b"")
    argv = ("delete", "demo", "-b", "bucket", "--file", "demo-1.0.zip", "--file", "gone.zip")
    code, lines, notes = run(capsys, *argv)
    assert (code, lines, len(bucket.objects)) == (1, [], 2)
    assert "'gone.zip' is not in s3://bucket/demo/; there is demo-1.0.zip\n" in notes
    assert (
        "there is no file of project gone"
        in run(capsys, "delete", "gone", "--yes", "-b", "bucket")[2]
    )


def test_delete_of_a_project_without_a_terminal(
    capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """An empty version never deletes a whole project."""
    bucket.objects["demo/demo-1.0.zip"] = plain(b"")
    code, lines, notes = run(capsys, "delete", "demo", "-b", "bucket")
    assert (code, lines, len(bucket.objects)) == (2, [], 1)
    assert "Delete 1 object? There is no terminal to ask on; pass --yes" in notes


class Keyboard(io.StringIO):
    """A terminal with input."""

    def isatty(self) -> bool:
        """Return True."""
        return True


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", INTERRUPTED)])
@pytest.mark.parametrize("argv", [(), ("1.0",), ("--file", "demo-1.0.zip")])
def test_delete_asks_on_a_terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    bucket: FakeBucket,
    *,
    argv: tuple[str, ...],
    typed: str,
    code: int,
) -> None:
    """Only "yes" confirms; `--yes` skips the prompt."""
    bucket.objects["demo/demo-1.0.zip"] = plain(b"")
    monkeypatch.setattr(sys, "stdin", Keyboard(typed))
    found = run(capsys, "delete", "demo", *argv, "-b", "bucket")
    assert found[0] == code
    assert "s3://bucket/demo/demo-1.0.zip\n" in found[2]
    assert "Delete 1 object? [y/N]: " in found[2]
    assert bool(bucket.objects) is (code != 0)
