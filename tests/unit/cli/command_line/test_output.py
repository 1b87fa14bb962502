import io
import json
import re

import pytest

from s3pypi.command_line import output
from s3pypi.command_line.output import Report, printable
from tests.unit.cli.terminals import Terminal, Watched


def test_results_and_notes_are_apart() -> None:
    """Results are on standard output, and everything else on standard error."""
    out, err = io.StringIO(), io.StringIO()
    report = Report(out, err)
    report.line("a result")
    report.note("a note")
    assert (out.getvalue(), err.getvalue()) == ("a result\n", "a note\n")


def test_characters_that_the_stream_has_not() -> None:
    """Characters that the stream cannot encode are escaped."""
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="ascii") as out:
        Report(out, io.StringIO()).line("naïve \udcff")
        assert raw.getvalue() == b"na\\xefve \\udcff\n"


def test_printable() -> None:
    """Control characters in foreign texts are escaped."""
    assert printable("naïve\n\x1b[2J 日本") == "naïve\\n\\x1b[2J 日本"


def test_no_progress_in_a_pipe() -> None:
    """Progress is only shown on a terminal."""
    out, err = io.StringIO(), io.StringIO()
    report = Report(out, err)
    with report.progress(1000) as advance, report.waiting("comparing"):
        advance(1000)
    assert (out.getvalue(), err.getvalue()) == ("", "")


def test_quiet() -> None:
    """`--quiet` omits notes and progress, but not results, warnings and errors."""
    out, err = Terminal(), Terminal()
    report = Report(out, err)
    report.quiet = True
    report.note("a note")
    with report.progress(1000) as advance, report.waiting("comparing"):
        advance(1000)
    assert err.getvalue() == ""
    report.warn("careful")
    report.error("s3pypi: error: it failed")
    report.done("deleted", "s3://b/k")
    assert [each.replace("\x1b[33m", "") for each in err.getvalue().splitlines()] == [
        "warning:\x1b[0m careful",
        "s3pypi: \x1b[31merror:\x1b[0m it failed",
    ]
    assert out.getvalue() == "deleted: s3://b/k\n"


@pytest.mark.parametrize("err", [io.StringIO(), Terminal()])
def test_no_color(monkeypatch: pytest.MonkeyPatch, err: io.StringIO) -> None:
    """Colours are only used on a terminal without NO_COLOR."""
    monkeypatch.setenv("NO_COLOR", "1")
    report = Report(io.StringIO(), err)
    report.warn("careful")
    report.error("s3pypi: error: it failed")
    assert err.getvalue() == "warning: careful\ns3pypi: error: it failed\n"


def test_json() -> None:
    """With `--json`, all results are one document, which is printed at the end."""
    out = io.StringIO()
    report = Report(out, io.StringIO())
    report.json = True
    report.done("yanked", "s3://b/a")
    report.done("yanked", "s3://b/b", reason="why")
    assert not out.getvalue()
    assert report.close()
    assert json.loads(out.getvalue()) == {
        "results": [
            {"action": "yanked", "url": "s3://b/a"},
            {"action": "yanked", "url": "s3://b/b", "reason": "why"},
        ]
    }


class Full(Terminal):
    """A stream that cannot be written to."""

    def write(self, _: str) -> int:
        """Fail."""
        raise OSError("no space left")


def test_output_that_fails() -> None:
    """An output error is reported once, at the end."""
    err = io.StringIO()
    report = Report(Full(), err)
    report.line("a result")
    report.line("another")
    assert not err.getvalue()
    assert not report.close()
    assert err.getvalue() == "s3pypi: error: cannot write to standard output: no space left\n"


def test_closed_output() -> None:
    """The same applies to a closed standard output."""
    err = io.StringIO()
    report = Report(None, err)
    report.line("a result")
    assert not report.close()
    assert "it is closed" in err.getvalue()


@pytest.mark.parametrize("err", [None, Full()])
def test_notes_that_cannot_be_written(err: io.StringIO | None) -> None:
    """Errors of standard error are ignored."""
    out = io.StringIO()
    report = Report(out, err)
    report.note("a note")
    with report.progress(10) as advance:
        report.line("a result")
        advance(10)
    assert report.close()
    assert out.getvalue() == "a result\n"


def test_bar_on_a_terminal() -> None:
    """A terminal has a progress bar, which does not mix with results and disappears."""
    out, err = Terminal(), Terminal()
    report = Report(out, err)
    with report.progress(1000) as advance:
        advance(500)
        report.line("a result")
        advance(500)
    report.note("a note")
    assert out.getvalue() == "a result\n"
    assert "%" in err.getvalue()
    assert err.getvalue().endswith("a note\n")


def test_waiting_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal shows the reason and the duration of a wait until it ends."""
    assert output.INTERVAL < 2
    monkeypatch.setattr(output, "INTERVAL", 0.001)
    err = Watched("reading: ")
    report = Report(io.StringIO(), err)
    with report.waiting("reading"):
        assert err.seen.wait(30)
        report.note("a note")
    shown = err.getvalue()
    assert re.match(r"(\r\x1b\[Kreading: \d+ s)+\r\x1b\[Ka note\n", shown)
    assert "reading" not in shown.rpartition("\x1b[K")[2]


def test_waiting_for_something_in_particular() -> None:
    """The innermost wait is shown, except during a progress bar or a prompt."""
    err = Terminal()
    report = Report(io.StringIO(), err)
    with report.waiting("outside"):
        with report.waiting("inside"):
            report._show()
        report._show()
        assert re.findall("outside|inside", err.getvalue()) == ["inside", "outside"]
        for pause in (report.paused(), report.progress(10)):
            with pause:
                report._show()
        assert re.findall("outside|inside", err.getvalue()) == ["inside", "outside"]
        report._show()
    assert re.findall("outside|inside", err.getvalue()) == ["inside", "outside", "outside"]
