from collections.abc import Mapping
from typing import Any

import pytest
from packaging.utils import NormalizedName

from s3pypi.errors import S3PyPIError
from s3pypi.indexer.client import Difference, Indexer, QueueState
from tests.unit.cli.fakes import FakeFunction

DEMO = NormalizedName("demo")


def test_verify() -> None:
    """The place and each name are sent once, and the response is parsed."""
    function = FakeFunction([("demo/", "is wrong")])
    findings = Indexer(function.ask, "bucket", "team").verify([DEMO, DEMO])
    assert function.requests == [
        {"command": "verify", "bucket": "bucket", "prefix": "team", "names": ["demo"]}
    ]
    assert (findings.objects, findings.projects, findings.count) == (7, 2, 1)
    assert findings.differences == (Difference("demo/", "is wrong"),)


@pytest.mark.parametrize("fresh", [True, False])
def test_rebuild(*, fresh: bool) -> None:
    """The findings and the amount of work are returned; `fresh` is always sent."""
    function = FakeFunction()
    rebuild = Indexer(function.ask, "bucket").rebuild(fresh=fresh)
    assert function.requests == [
        {"command": "rebuild", "bucket": "bucket", "prefix": "", "names": [], "fresh": fresh}
    ]
    assert (rebuild.regenerated, rebuild.messages, rebuild.findings.count) == (2, 1, 0)


@pytest.mark.parametrize("forgotten", [["demo"], []])
def test_forget(forgotten: list[str]) -> None:
    """The response contains the name if the project had no files."""
    requests: list[Mapping[str, Any]] = []

    def ask(request: Mapping[str, Any]) -> object:
        requests.append(request)
        return {"forgotten": forgotten, "kept": []}

    assert Indexer(ask, "bucket", "team").forget(DEMO) == bool(forgotten)
    assert requests == [
        {"command": "forget", "bucket": "bucket", "prefix": "team", "names": ["demo"]}
    ]


def test_queue() -> None:
    """The state of the queue is requested without a bucket."""
    function = FakeFunction(queue=[(1, 2, 3)])
    state = Indexer(function.ask, "bucket", "team").queue()
    assert (state, state.left) == (QueueState(1, 2, 3), 3)
    assert function.requests == [{"command": "queue"}]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "done",
        [],
        {"batchItemFailures": []},
        {"objects": "many", "projects": 1, "count": 0, "differences": []},
        {"objects": 1, "projects": 1, "count": 0, "differences": None},
        {"objects": 1, "projects": 1, "count": 0, "differences": ["demo/"]},
        {"objects": 1, "projects": 1, "count": 0, "differences": [{"place": "demo/"}]},
    ],
)
def test_another_function(answer: object) -> None:
    """A function that is not an indexer is reported."""

    def ask(_: Mapping[str, Any]) -> object:
        return answer

    with pytest.raises(S3PyPIError, match="'verify' is not an indexer's; check --function"):
        Indexer(ask, "bucket").verify()
