"""Behavior that all commands share: output, errors and interrupts."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from s3pypi.aws.locks import LockTable
from s3pypi.cli import COMMANDS, INTERRUPTED, app, main
from s3pypi.command_line import output
from s3pypi.errors import S3PyPIError
from tests.unit.cli.factories import make_wheel
from tests.unit.cli.fakes import FakeBucket, plain
from tests.unit.cli.interrupts import INTERRUPTS
from tests.unit.cli.running import UPLOAD, WHEEL_KEY, python, run
from tests.unit.cli.terminals import Watched


def test_bug(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """An unexpected error is one message; `-v` shows its traceback."""

    def fail(_method: str, _key: str) -> None:
        raise RuntimeError("nobody\nexpected it")

    bucket.before = fail
    code, _lines, notes = run(capsys, "list", "-b", "bucket")
    assert code == 1
    assert notes.startswith("s3pypi: error: unexpected RuntimeError: nobody\\nexpected it; this is")
    assert main(["list", "-b", "bucket", "-v"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        (*UPLOAD, "a.whl"),
        ("delete", "demo", "1.0", "-b", "bucket"),
        ("yank", "demo", "1.0", "-b", "bucket"),
        ("unyank", "demo", "1.0", "-b", "bucket"),
        ("status", "demo", "-b", "bucket"),
        ("status", "demo", "archived", "-b", "bucket"),
        ("force-unlock", "table", "lock", "--region", "eu-west-1"),
        ("token", "--host", "pypi.example.com"),
    ],
)
def test_no_credentials(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    argv: tuple[str, ...],
) -> None:
    """Every command gives advice if there are no credentials."""
    make_wheel(tmp_path).rename(tmp_path / "demo-1.0-py3-none-any.whl")
    monkeypatch.chdir(tmp_path)
    argv = tuple("*.whl" if each == "a.whl" else each for each in argv)
    code, _lines, notes = run(capsys, *argv)
    assert code == 1
    assert (
        "no AWS credentials were found; sign in again: run `aws sso login`, or check --profile"
        in notes
    )


@pytest.mark.parametrize("interrupt", INTERRUPTS)
def test_interrupt(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    interrupt: Callable[..., None],
) -> None:
    """Ctrl-C ends the command without a traceback, wherever it arrives."""
    monkeypatch.setattr(LockTable, "force_unlock", interrupt)
    code, _lines, notes = run(capsys, "force-unlock", "table", "lock", "--region", "eu-west-1")
    assert code == INTERRUPTED
    assert notes == "s3pypi: interrupted; run the same command again to continue\n"


def test_nobody_reads() -> None:
    """A closed pipe, as with `head`, causes no traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    done = python("-m", "s3pypi", "--version", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.fixture
def unwritable() -> Iterator[int]:
    """Return a file descriptor that cannot be written to."""
    descriptor = os.open(os.devnull, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def test_unwritable_output(unwritable: int) -> None:
    """An output error is reported without a traceback."""
    done = python("-m", "s3pypi", "--version", stdout=unwritable)
    assert done.returncode == 1
    assert done.stderr.startswith("s3pypi: error: cannot write to standard output: ")
    assert len(done.stderr.splitlines()) == 1


def test_unwritable_notes(unwritable: int) -> None:
    """The exit code does not depend on whether notes can be written."""
    assert python("-m", "s3pypi", "upload", stderr=unwritable).returncode == 2


@pytest.mark.parametrize(("closed", "code"), [("stdout", 1), ("stderr", 0)])
def test_closed_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bucket: FakeBucket, closed: str, code: int
) -> None:
    """A closed stream does not stop the command."""
    monkeypatch.setattr(sys, closed, None)
    assert main([*UPLOAD, str(make_wheel(tmp_path))]) == code
    assert WHEEL_KEY in bucket.objects
    assert main(["--version"]) == code


def test_verbose_tells_the_cause(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only `-v` shows the cause of an error."""

    def failing(*_: object) -> None:
        raise S3PyPIError("the message") from ValueError("the cause")

    monkeypatch.setattr(LockTable, "force_unlock", failing)
    unlock = ["force-unlock", "table", "lock", "--region", "eu-west-1"]
    assert main(unlock) == 1
    assert "the cause" not in capsys.readouterr().err
    assert main([*unlock, "-v"]) == 1
    assert "ValueError: the cause" in capsys.readouterr().err


def test_every_command_shows_that_it_works(
    bucket: FakeBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal shows that the command is working."""
    terminal = Watched("working: ")
    monkeypatch.setattr(output, "INTERVAL", 0.001)
    monkeypatch.setattr(sys, "stderr", terminal)
    bucket.objects[WHEEL_KEY] = plain(b"")

    def wait(*_: str) -> None:
        assert terminal.seen.wait(30)

    bucket.before = wait
    assert main(["yank", "demo", "1.0", "-b", "bucket", "--prefix", "team"]) == 0
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_the_same_options_for_its_output(command: str) -> None:
    """`--json`, `--quiet` and `--verbose` are understood everywhere."""
    loaded = app.get_command(click.Context(app), command)
    assert loaded
    flags = {flag for param in loaded.params for flag in param.opts}
    assert flags >= {"--json", "-q", "--quiet", "-v", "--verbose"}


def test_an_option_is_the_same_in_every_command() -> None:
    """An option has the same flags, variable and kind of value everywhere."""
    found: dict[str | None, set[object]] = {}
    for command in COMMANDS:
        loaded = app.get_command(click.Context(app), command)
        assert loaded
        for each in loaded.params:
            if isinstance(each, click.Option) and each.name != "endpoint_url":  # has an old name
                about = tuple(each.opts), each.envvar, each.is_flag, each.metavar, repr(each.type)
                found.setdefault(each.name, set()).add(about)
    assert {name: kinds for name, kinds in found.items() if len(kinds) > 1} == {}


def test_failure_under_click(bucket: FakeBucket) -> None:
    """The Click application has the same exit codes as `main`."""
    done = CliRunner().invoke(app, ["yank", "demo", "1.0", "-b", "bucket"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("s3pypi: error: demo 1.0 is not in s3://bucket/demo/")
    assert bucket.requests == [("list", "demo/")]
