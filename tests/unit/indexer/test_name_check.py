"""The scheduled check of names, over the function's commands."""

import json
from typing import Any

import pytest
from packaging.utils import NormalizedName

from lambda_indexer.errors import InvalidEventError, StorageError
from lambda_indexer.events.commands import Commands
from lambda_indexer.events.name_check import NAMES_A_RUN, SECONDS_A_NAME, NameCheck
from lambda_indexer.survey.surveyor import Surveyor
from s3pypi.upstream.lookup import Project, Unknown, Upstream
from s3pypi.upstream.names import PATIENCE, Answer
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World

THEIRS = Project(("9.0",), "2026-01-02T00:00:00Z", frozenset({"f" * 64}))
DOWN = Unknown("the upstream answers 503", is_down=True)


class Upstreams(Upstream):
    """A fake upstream, on which names are free by default."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        super().__init__("https://packages.example/simple/")
        object.__setattr__(self, "answers", answers)
        object.__setattr__(self, "asked", [])

    answers: dict[str, Answer]
    asked: list[str]

    def find(self, name: NormalizedName) -> Answer:
        """Return the response."""
        self.asked.append(name)
        return self.answers.get(name)


def check(
    world: World,
    upstream: Upstream,
    *acknowledged: str,
    day: int = 0,
    remaining: float = 300,
) -> dict[str, Any]:
    """Run the command."""
    name_check = NameCheck(upstream, lambda: remaining, lambda: day)
    surveyor = Surveyor(world.storage, world.indexer.kinds)
    commands = Commands(surveyor, world.indexer, world.queue, name_check)
    event = {"command": "check_names", "bucket": BUCKET, "acknowledged": list(acknowledged)}
    return commands.run(event)


@pytest.fixture
def named(world: World) -> World:
    """Provide three names in three indexes, one of which is private."""
    world.keep_names = True
    for key, name in (("foo/", "foo"), ("team/bar/", "bar"), ("deep/er/baz/", "baz")):
        world.add(key, wheel(name))
    world.storage.remove(BUCKET, "foo/foo-1.0-py3-none-any.whl")
    world.index("foo/foo-1.0-py3-none-any.whl")
    return world


def test_states(named: World) -> None:
    """All indexes are checked; a taken name has its versions and first upload."""
    mirrored = Project(
        ("1.0",),
        None,
        frozenset(each["hashes"]["sha256"] for each in named.json("deep/er/baz/")["files"]),
    )
    upstream = Upstreams({"bar": THEIRS, "baz": mirrored})

    answer = check(named, upstream)

    assert sorted(upstream.asked) == ["bar", "baz", "foo"]
    assert answer == {
        "names": 3,
        "states": {"free": 1, "taken": 1, "mirrored": 1, "acknowledged": 0, "unknown": 0},
        "taken": ["taken: bar (versions 9.0, first upload 2026-01-02T00:00:00Z)"],
        "unknown": [],
    }
    assert json.loads(json.dumps(answer)) == answer


def test_acknowledged(named: World) -> None:
    """Acknowledged names are not reported, in any spelling."""
    answer = check(named, Upstreams({"bar": THEIRS, "foo": DOWN}), "Bar", "foo")
    assert answer["states"]["acknowledged"] == 1
    assert answer["taken"] == []
    assert answer["unknown"] == ["unknown: foo (the upstream answers 503)"]


def test_pages_that_cannot_be_read_show_no_mirror(named: World) -> None:
    """If a page cannot be read, its name is taken, not mirrored."""

    def refuse(operation: str, key: str) -> None:
        if operation == "GET" and key.endswith("index.json"):
            raise StorageError("SlowDown")

    named.keep_names = False
    named.storage.before = refuse
    assert check(named, Upstreams({"bar": THEIRS}))["states"]["taken"] == 1


def fill(world: World, count: int) -> None:
    """Put files of projects without pages."""
    for number in range(count):
        world.storage.upload(BUCKET, f"p{number}/p{number}-1.0.zip", b"")


def test_without_time_names_are_unknown(world: World) -> None:
    """Without time, no name is requested, and all are unknown."""
    fill(world, 5)
    upstream = Upstreams({})
    answer = check(world, upstream, remaining=SECONDS_A_NAME)
    assert upstream.asked == []
    assert (answer["states"]["free"], answer["states"]["unknown"]) == (0, 5)
    assert "no time left" in answer["unknown"][0]


def test_an_upstream_that_is_down_is_left_alone(world: World) -> None:
    """After several failures in a row, no more names are requested."""
    fill(world, 4 * PATIENCE)
    upstream = Upstreams({f"p{number}": DOWN for number in range(4 * PATIENCE)})
    answer = check(world, upstream)
    assert PATIENCE <= len(upstream.asked) < 2 * PATIENCE
    assert answer["states"]["unknown"] == 4 * PATIENCE


def test_one_name_that_fails_stops_no_other(world: World) -> None:
    """Names that always fail do not affect others."""
    fill(world, 3 * PATIENCE)
    blocked = Unknown("the upstream answers 403")
    upstream = Upstreams({f"p{number}": blocked for number in range(3 * PATIENCE - 1)})
    answer = check(world, upstream)
    assert len(upstream.asked) == 3 * PATIENCE
    assert answer["states"]["free"] == 1


def test_a_hundred_thousand_names_take_several_runs(world: World) -> None:
    """Each run checks another part, until all are checked."""
    fill(world, 2 * NAMES_A_RUN + 1)
    asked: list[str] = []
    for day in range(3):
        upstream = Upstreams({})
        answer = check(world, upstream, day=739_000 + day)
        assert len(upstream.asked) <= NAMES_A_RUN
        assert answer["names"] == 2 * NAMES_A_RUN + 1
        asked += upstream.asked
    assert len(asked) == len(set(asked)) == 2 * NAMES_A_RUN + 1


def test_the_upstream_is_the_deployments(world: World) -> None:
    """The upstream is not part of the command, so that callers cannot send names elsewhere."""
    with pytest.raises(InvalidEventError, match="S3PYPI_UPSTREAM"):
        world.command("check_names", upstream="https://elsewhere.example/")
    with pytest.raises(InvalidEventError, match="'acknowledged'"):
        check(world, Upstreams({}), "-")
