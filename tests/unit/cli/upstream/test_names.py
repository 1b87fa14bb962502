import json
import threading
from collections.abc import Collection, Mapping
from typing import Any

import pytest
from packaging.utils import NormalizedName

from s3pypi.aws import function as module
from s3pypi.cli import main
from s3pypi.upstream import lookup
from s3pypi.upstream.lookup import Project, Unknown
from s3pypi.upstream.names import PARALLEL, Answer, State, check, judge, part_of

FOO = NormalizedName("foo")
THEIRS = Project(("1.0", "2.0"), "2026-01-02T00:00:00Z", frozenset({"a", "b"}))


@pytest.mark.parametrize(
    ("found", "ours", "acknowledged", "state"),
    [
        (None, (), (), State.FREE),
        (None, ("a",), ("foo",), State.FREE),
        (Unknown("503"), ("a",), (), State.UNKNOWN),
        (Unknown("503"), (), ("foo",), State.UNKNOWN),  # knowing it is no answer
        (THEIRS, (), (), State.TAKEN),
        (THEIRS, ("c",), (), State.TAKEN),
        (THEIRS, ("a", "c"), (), State.TAKEN),  # some of ours are not theirs
        (THEIRS, ("c",), ("foo",), State.ACKNOWLEDGED),
        (THEIRS, ("c",), ("bar",), State.TAKEN),
        (THEIRS, ("a",), (), State.MIRRORED),
        (THEIRS, ("a", "b"), ("foo",), State.MIRRORED),
        (Project((), None, frozenset()), (), (), State.TAKEN),  # registered, and empty
    ],
)
def test_judge(
    found: Answer, ours: Collection[str], acknowledged: Collection[str], state: State
) -> None:
    """A name is free only if the upstream answers so, and ours only if it has our files."""
    assert judge(FOO, found, ours, acknowledged).state is state


def test_lines() -> None:
    """A line shows the versions and the time of the first upload."""
    assert judge(FOO, THEIRS, (), ()).line() == (
        "taken: foo (versions 1.0, 2.0, first upload 2026-01-02T00:00:00Z)"
    )
    many = Project(tuple("123456"), None, frozenset())
    assert judge(FOO, many, (), ()).line() == "taken: foo (versions 1, 2, 3, 4, 5, …)"
    assert judge(FOO, None, (), ()).line() == "free: foo"
    assert judge(FOO, Unknown("it is down"), (), ()).line() == "unknown: foo (it is down)"


def test_few_requests_at_the_same_time() -> None:
    """However many names there are; their order stays."""
    names = [NormalizedName(f"n{number}") for number in range(40)]
    lock, under_way, most = threading.Lock(), 0, 0
    together = threading.Barrier(PARALLEL)

    def find(_name: NormalizedName) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait(30)
        with lock:
            under_way -= 1

    verdicts = list(check(names, find, lambda _: pytest.fail("it is free")))

    assert [each.name for each in verdicts] == names
    assert most == PARALLEL


@pytest.mark.parametrize(("count", "limit"), [(0, 10), (10, 10), (11, 10), (100, 7), (3, 1)])
def test_every_name_has_its_day(count: int, limit: int) -> None:
    """Consecutive days choose other names until all were chosen, never too many at once."""
    names = [NormalizedName(f"n{number}") for number in range(count)]
    days = -(-count // limit) or 1

    parts = [part_of(names, limit, 739_000 + day) for day in range(days)]

    assert sorted(name for part in parts for name in part) == sorted(names)
    assert all(len(part) <= limit for part in parts)
    assert part_of(names, None, 5) == names


def test_a_hundred_thousand_names() -> None:
    """They fit into days of a few thousand."""
    names = [NormalizedName(f"n{number}") for number in range(100_000)]
    assert {len(part_of(names, 5_000, day)) for day in range(20)} == {5_000}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> dict[str, Answer]:
    """Put answers in the place of a function and an upstream."""
    answers: dict[str, Answer] = {"bar": None, "foo": None}

    def ask(_self: object, request: Mapping[str, Any]) -> object:
        if request["command"] == "names":
            return {"names": sorted(answers)}
        return {"digests": ["a"]}

    def find(_self: object, name: str) -> Answer:
        return answers[name]

    monkeypatch.setattr(module.LambdaFunction, "ask", ask)
    monkeypatch.setattr(lookup.Upstream, "find", find)
    return answers


ARGV = ["names", "--upstream", "https://packages.example/simple", "--function", "f", "-b", "bucket"]
ARGV += ["--region", "eu-west-1"]


def test_command(world: dict[str, Answer], capsys: pytest.CaptureFixture[str]) -> None:
    """Free and mirrored names are success; a taken one is a failure until it is acknowledged."""
    assert main(ARGV) == 0
    assert capsys.readouterr().out == "free: bar\nfree: foo\n"
    world["foo"] = THEIRS
    assert main(ARGV) == 0
    assert "mirrored: foo" in capsys.readouterr().out
    world["foo"] = Project(("9",), None, frozenset("z"))
    assert main(ARGV) == 1
    captured = capsys.readouterr()
    assert captured.out == "free: bar\ntaken: foo (versions 9)\n"
    assert "2 names: 1 free, 1 taken" in captured.err
    assert main([*ARGV, "--acknowledge", "Foo"]) == 0


def test_command_json(world: dict[str, Answer], capsys: pytest.CaptureFixture[str]) -> None:
    """An outage is a failure, too, with the reason in the JSON."""
    world["foo"] = Unknown("the upstream responds with status 503")

    assert main([*ARGV, "--json"]) == 1

    assert json.loads(capsys.readouterr().out) == [
        {"name": "bar", "state": "free"},
        {"name": "foo", "state": "unknown", "reason": "the upstream responds with status 503"},
    ]
