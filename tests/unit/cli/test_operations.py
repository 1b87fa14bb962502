"""`s3pypi verify` and `s3pypi rebuild`, with a function in memory."""

import json
from collections.abc import Callable
from functools import partial

import pytest

from s3pypi.aws import clients
from s3pypi.aws import function as aws_function
from s3pypi.cli import main
from s3pypi.errors import AwsError
from s3pypi.indexer import watcher
from s3pypi.indexer.watcher import Watcher
from tests.unit.cli.fakes import FakeFunction

OPTIONS = ("-b", "bucket", "--prefix", "/team/", "--function", "indexer")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> FakeFunction:
    """Replace Lambda by a fake function, and do not sleep."""
    fake = FakeFunction()
    monkeypatch.setattr(aws_function, "LambdaFunction", lambda *_: fake)
    monkeypatch.setattr(clients, "lambda_client", lambda **_: None)  # takes long to make
    monkeypatch.setattr(watcher, "Watcher", partial(Watcher, sleep=lambda _: None))
    return fake


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command and returns its code and outputs."""

    def run(*argv: str) -> tuple[int, str, str]:
        code = main([*argv, *OPTIONS])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run


def test_verify_clean(run: Run, function: FakeFunction) -> None:
    """Without differences, only a summary is printed."""
    summary = "0 differences in 2 projects, 7 objects\n"
    assert run("verify", "Demo.Project") == (0, "", summary)
    assert function.requests == [
        {"command": "verify", "bucket": "bucket", "prefix": "team", "names": ["demo-project"]}
    ]


def test_verify_differences(run: Run, function: FakeFunction) -> None:
    """Each difference is one line, for any key, and the exit code is 1."""
    function.differences = [("team/a/", "is wrong"), ("team/\x1b[2J\n.whl", "lies outside")]
    code, out, err = run("verify")
    assert (code, out) == (1, "team/a/: is wrong\nteam/\\x1b[2J\\n.whl: lies outside\n")
    assert err == (
        "s3pypi: error: 2 differences in 2 projects, 7 objects; "
        "`s3pypi rebuild` regenerates the pages\n"
    )


def test_verify_json(run: Run, function: FakeFunction) -> None:
    """With `--json`, standard output only has the function's response."""
    code, out, _err = run("verify", "--json")
    assert (code, json.loads(out)["differences"]) == (0, [])
    function.differences = [("team/naïve\n/", "is wrong")]
    code, out, err = run("verify", "--json")
    assert (code, json.loads(out)) == (1, function.ask({"command": "verify"}))
    assert "1 difference in 2 projects" in err


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_mistyped_names(run: Run, function: FakeFunction, command: str) -> None:
    """Missing projects are an error, not projects without differences."""
    function.projects = 0
    code, _out, err = run(command, "dmeo")
    assert code == 1
    assert "project dmeo is not in s3://bucket/team; check the name and --prefix" in err
    function.projects = 1
    code, _out, err = run(command, "demo", "dmeo", "Demo", "other")
    assert code == 1
    assert "2 of 3 projects are not in s3://bucket/team" in err
    function.projects = 3
    assert run(command, "demo", "dmeo", "other")[0] == 0


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_mistyped_prefix(run: Run, function: FakeFunction, command: str) -> None:
    """A prefix without objects is an error, except the root of the bucket."""
    function.projects = function.objects = 0
    code, _out, err = run(command)
    assert code == 1
    assert "there is nothing below s3://bucket/team/; check --bucket and --prefix" in err
    assert main([command, "-b", "bucket"]) == 0


def test_rebuild_cannot_repair_everything(run: Run, function: FakeFunction) -> None:
    """A difference that a rebuild cannot repair is a failure."""
    function.differences, function.repairable = [("a/", "is outdated"), ("b.egg", "is never")], 1
    code, _out, err = run("rebuild")
    assert code == 1
    assert "1 difference cannot be repaired by a rebuild" in err
    assert "done" not in err


def test_rebuild_json(run: Run, function: FakeFunction) -> None:
    """With `--json`, standard output only has the function's response."""
    function.differences = [("a/", "is wrong")]
    code, out, _err = run("rebuild", "--json")
    assert (code, json.loads(out)) == (0, function.ask({"command": "rebuild"}))


def test_function_of_the_bucket(
    function: FakeFunction, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--function` defaults to the one that Terraform creates for the bucket."""
    asked: list[str] = []

    def ask(_client: object, name: str) -> FakeFunction:
        asked.append(name)
        return function

    monkeypatch.setattr(aws_function, "LambdaFunction", ask)
    assert main(["verify", "-b", "my-bucket"]) == 0
    assert asked == ["my-bucket-indexer"]
    assert capsys.readouterr().out == ""


def test_verify_truncated(run: Run, function: FakeFunction) -> None:
    """A truncated list of differences is reported."""
    function.differences, function.count = [("a/", "is wrong")], 6000
    code, out, err = run("verify")
    assert (code, out) == (1, "a/: is wrong\n")
    assert "6,000 differences in 2 projects, 7 objects; 1 of them shown; " in err


def test_rebuild(run: Run, function: FakeFunction) -> None:
    """Differences and the number of projects are reported, and the end is awaited."""
    function.differences = [("team/a/", "is wrong")]
    function.states = [(0, 0, 5), (1, 0, 5), (0, 0, 5), (0, 0, 5)]
    code, out, err = run("rebuild", "a", "--fresh")
    assert (code, out) == (0, "team/a/: is wrong\nregenerating: 2 projects\n")
    assert "found: 1 difference in 2 projects, 7 objects\n" in err
    assert err.endswith("done; run `s3pypi verify` to check the result\n")
    commands = [request["command"] for request in function.requests]
    assert commands == ["queue", "rebuild", "queue", "queue", "queue", "rebuild"]
    expected = {"command": "rebuild", "bucket": "bucket", "prefix": "team", "names": ["a"]}
    assert function.requests[1] == {**expected, "fresh": True}
    assert function.requests[-1] == {**expected, "fresh": False}  # for summaries and links


def test_rebuild_without_waiting(run: Run, function: FakeFunction) -> None:
    """With `--no-wait`, or without work, the queue is not watched."""
    code, out, err = run("rebuild", "--no-wait")
    assert (code, out) == (0, "regenerating: 2 projects\n")
    assert "done" not in err
    assert [request["command"] for request in function.requests] == ["rebuild"]
    function.regenerated = function.messages = 0
    assert run("rebuild")[:2] == (0, "regenerating: 0 projects\n")
    assert [request["command"] for request in function.requests[1:]] == ["queue", "rebuild"]


def test_rebuild_that_fails_for_good(run: Run, function: FakeFunction) -> None:
    """Dead letters are a failure with advice."""
    function.states = [(0, 0, 0), (0, 0, 1), (0, 0, 1)]
    code, out, err = run("rebuild")
    assert (code, out) == (1, "regenerating: 2 projects\n")
    assert "s3pypi: error: the dead-letter queue has 1 more message than before" in err


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_function_that_cannot_be_asked(run: Run, function: FakeFunction, command: str) -> None:
    """It is an error without a traceback, and nothing is on standard output."""
    function.error = AwsError("no such function")
    assert run(command) == (1, "", "s3pypi: error: no such function\n")


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_no_credentials(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Without a fake, Lambda is invoked."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    code, out, err = run(command)
    assert (code, out) == (1, "")
    assert "cannot invoke function 'indexer' for " in err
    assert (
        "no AWS credentials were found; sign in again: run `aws sso login`, or check --profile"
        in err
    )


def test_interrupted_rebuild(run: Run, function: FakeFunction) -> None:
    """An interrupt ends only the wait, with a message."""
    function.states = [(0, 0, 0), KeyboardInterrupt()]
    code, out, err = run("rebuild")
    assert (code, out) == (130, "regenerating: 2 projects\n")
    assert "interrupting this does not stop the rebuild" in err
