"""Group the events of an invocation, and fail messages separately."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from lambda_indexer.errors import InvalidEventError, StorageError
from lambda_indexer.events import batch
from lambda_indexer.events.messages import Message, ObjectEvent, Request
from lambda_indexer.events.work import LATE, MisplacedFile, causes_of, work_of
from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.outcome import Trigger
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Index, Project
from s3pypi.layout import DirectoryPath
from tests.factories import wheel
from tests.fakes import MemoryStorage
from tests.unit.indexer.conftest import BUCKET, World


@pytest.mark.parametrize(
    ("key", "work"),
    [
        ("foo/foo-1.0.tar.gz", Project("b", DirectoryPath("foo/"))),
        ("p/q/foo/x.whl", Project("b", DirectoryPath("p/q/foo/"))),
        ("foo-1.0.tar.gz", MisplacedFile("b", "foo-1.0.tar.gz")),
        ("Foo/foo-1.0.tar.gz", MisplacedFile("b", "Foo/foo-1.0.tar.gz")),
        ("a//foo-1.0.tar.gz", MisplacedFile("b", "a//foo-1.0.tar.gz")),
        ("team/team-1.0.tar.gz", MisplacedFile("b", "team/team-1.0.tar.gz")),
        ("team/.project-status", None),
        ("foo/index.json", None),
        ("foo/", None),
        ("foo/index.html", None),
        ("foo/foo-1.0-py3-none-any.whl.metadata", None),
        ("foo/README.md", None),
        ("a//", None),
    ],
)
def test_what_an_event_asks_for(key: str, work: object) -> None:
    """Files are processed with their directory; pages and other objects are ignored."""
    kinds = Kinds(Pages(MemoryStorage()), frozenset({"team/"}))
    assert work_of(ObjectEvent("b", key), kinds) == work


@pytest.mark.parametrize(
    ("key", "work"),
    [
        ("foo/", Project("b", DirectoryPath("foo/"))),
        ("foo/index.json", Project("b", DirectoryPath("foo/"))),
        ("foo/index.html", Project("b", DirectoryPath("foo/"))),
        ("foo/foo-1.0-py3-none-any.whl.metadata", Project("b", DirectoryPath("foo/"))),
        ("p/q/", Project("b", DirectoryPath("p/q/"))),
        ("index.json", Index("b", DirectoryPath(""))),
        ("index.html", Index("b", DirectoryPath(""))),
        ("team/", Index("b", DirectoryPath("team/"))),
        ("2.x!/index.json", Index("b", DirectoryPath("2.x!/"))),
        ("foo/README.md", None),
        ("team/foo.whl.metadata", None),
    ],
)
def test_what_the_loss_of_a_page_asks_for(key: str, work: object) -> None:
    """Deleted pages and metadata files are restored."""
    kinds = Kinds(Pages(MemoryStorage()), frozenset({"team/"}))
    assert work_of(ObjectEvent("b", key, removed=True), kinds) == work


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_oldest_event_is_what_counts(order: tuple[int, ...]) -> None:
    """The order does not matter, as old dead letters may come with new events."""
    times = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    messages = [Message((ObjectEvent("b", "foo/foo-1.zip", times[number]),)) for number in order]
    messages.append(Message((ObjectEvent("b", "foo/foo-1.zip", None),)))
    [cause] = causes_of(messages, Kinds(Pages(MemoryStorage()))).values()
    assert cause.oldest == times[0]
    assert cause.trigger(times[1].timestamp()).redelivered
    assert not cause.trigger(times[0].timestamp() + LATE).redelivered


@pytest.mark.parametrize("fresh", [(True, False), (False, True), (False, False)])
def test_one_fresh_request_among_others_is_fresh(fresh: tuple[bool, ...]) -> None:
    """The order of the requests does not matter."""
    messages = [Message((), (Request("b", "foo/", fresh=each),)) for each in fresh]
    messages.append(Message((ObjectEvent("b", "foo/foo-1.zip"),), receive_count=2))
    messages.append(Message((ObjectEvent("b", "foo/foo-1.zip"),)))
    [cause] = causes_of(messages, Kinds(Pages(MemoryStorage()))).values()
    assert cause.trigger(0) == Trigger(redelivered=True, requested=True, fresh=any(fresh))
    assert cause.messages == {0, 1, 2, 3}


def test_exactly_the_messages_of_failed_projects_come_back(world: World) -> None:
    """Failures and malformed messages do not affect others."""
    foo, bar = world.put("foo/", wheel("foo")), world.put("bar/", wheel("bar"))

    def refuse(_operation: str, key: str) -> None:
        if key.startswith("foo/"):
            raise StorageError("AccessDenied")

    world.storage.before = refuse
    messages = [
        Message((ObjectEvent(BUCKET, foo),), id="0"),
        Message((ObjectEvent(BUCKET, bar),), id="1"),
        Message((ObjectEvent(BUCKET, bar), ObjectEvent(BUCKET, foo)), id="2"),
        Message((), error=InvalidEventError("?"), id="3"),
        Message((), id="4"),
    ]
    results = batch.process(messages, world.indexer, map)
    errors = batch.failed(messages, results)
    assert sorted(errors) == [0, 2, 3]
    assert isinstance(errors[0], StorageError)
    assert world.filenames("bar/") == ["bar-1.0-py3-none-any.whl"]


@pytest.mark.parametrize(
    ("key", "removed", "lost"),
    [
        ("foo/index.json", True, True),
        ("foo/", True, True),
        ("foo/foo-1.zip", True, False),
        ("foo/foo-1.zip", False, False),
    ],
)
def test_the_loss_of_a_page_is_noticed(key: str, *, removed: bool, lost: bool) -> None:
    """Other events of the directory do not hide it."""
    messages = [
        Message((ObjectEvent("b", key, removed=removed),)),
        Message((ObjectEvent("b", "foo/foo-2.zip"),)),
    ]
    [cause] = causes_of(messages, Kinds(Pages(MemoryStorage()))).values()
    assert cause.trigger(0).lost == lost
