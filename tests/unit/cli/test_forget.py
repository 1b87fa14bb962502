import io
from collections.abc import Mapping
from typing import Any

import pytest

from s3pypi.aws import function as module
from s3pypi.cli import main
from tests.unit.cli.terminals import Terminal

ARGV = ["forget", "Demo", "--function", "f", "-b", "bucket", "--region", "eu-west-1"]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """Replace the deployed function, and return its requests."""
    asked: list[Mapping[str, Any]] = []

    def ask(_self: object, request: Mapping[str, Any]) -> object:
        asked.append(request)
        kept = request["names"] == ["busy"]
        return {"forgotten": [] if kept else request["names"], "kept": []}

    monkeypatch.setattr(module.LambdaFunction, "ask", ask)
    return asked


def test_says_what_it_means(
    requests: list[Mapping[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """The consequences are printed before the function is invoked, even with --yes."""
    assert main([*ARGV, "--yes"]) == 0

    captured = capsys.readouterr()
    assert captured.out == "forgotten: demo\n"
    assert "warning: installers that request demo will get" in captured.err
    assert len(requests) == 1


@pytest.mark.parametrize(("answer", "code", "asked"), [("y\n", 0, 1), ("n\n", 1, 0), ("", 130, 0)])
def test_asks(
    answer: str,
    code: int,
    asked: int,
    requests: list[Mapping[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a yes, nothing is deleted; the end of the input is an interrupt."""
    monkeypatch.setattr("sys.stdin", Terminal(answer))

    assert main(ARGV) == code
    assert len(requests) == asked


def test_without_a_terminal(
    requests: list[Mapping[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a terminal, --yes is required."""
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))

    assert main(ARGV) == 2
    assert "pass --yes" in capsys.readouterr().err
    assert requests == []


def test_a_project_with_files(
    requests: list[Mapping[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is kept, with advice."""
    assert main([ARGV[0], "busy", *ARGV[2:], "--yes"]) == 1
    assert "busy still has files; delete them first" in capsys.readouterr().err
    assert len(requests) == 1
