"""Rebuilds announce the names of new projects to the root page, and write it once."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from lambda_indexer.errors import LockTableError, QueueError, StorageError
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World


def test_a_rebuild_of_new_projects_writes_the_root_page_once(world: World) -> None:
    """The runs of the projects only check the root page, without its lease."""
    for number in range(30):
        world.put(f"p{number}/", wheel(f"p{number}"))
    world.command("rebuild")
    assert len(world.names()) == 30
    world.forget()
    world.drain()
    assert not [key for _, key in world.storage.calls if key in {"index.json", "index.html"}]
    root = [call for call, lock in world.table.calls if lock == "bucket/"]
    assert root == ["read"] * 30
    assert world.differences() == []


def root_is_written(world: World) -> None:
    """Add another project to the root page meanwhile."""
    world.add("other/", wheel("other"))


def name_is_declared(world: World) -> None:
    """Declare the project for the root page in an older run."""
    world.table.declare("bucket/", "-foo@1", 0)


def run_is_marked(world: World) -> None:
    """Mark the lock item, as `s3pypi force-unlock` does."""
    item = world.table.items["bucket/"]
    world.table.items["bucket/"] = replace(item, dirty="forced")


def never_finished(world: World) -> None:
    """End the run before it writes the root page."""
    for key in ("index.json", "index.html"):
        world.storage.remove(BUCKET, key)
    item = world.table.items["bucket/"]
    world.table.items["bucket/"] = replace(item, completed=item.run - 1, owner="dead", expires_at=0)


@pytest.mark.parametrize(
    "meanwhile", [root_is_written, name_is_declared, run_is_marked, never_finished]
)
def test_what_a_rebuild_has_announced_is_not_believed_after_a_change(
    world: World, meanwhile: Callable[[World], None]
) -> None:
    """After such a change, the project's run updates the root page itself."""
    world.put("foo/", wheel("foo"))
    world.command("rebuild")
    meanwhile(world)
    world.forget()
    world.drain()
    assert ("acquire", "bucket/") in world.table.calls
    assert world.differences() == []
    assert world.table.items["bucket/"].pending == frozenset()


def test_a_project_that_is_gone_before_its_message_leaves_no_line(world: World) -> None:
    """A project that is removed after the rebuild's listing is removed from the root page."""
    key = world.put("foo/", wheel("foo"))
    world.put("bar/", wheel("bar"))
    world.command("rebuild")
    world.storage.remove(BUCKET, key)
    world.drain()
    assert world.names() == ["bar"]
    assert world.differences() == []


def test_a_project_of_which_something_is_declared_tells_the_root_page_itself(world: World) -> None:
    """Declared entries override the rebuild's listing."""
    world.put("foo/", wheel("foo"))
    world.put("bar/", wheel("bar"))
    world.table.declare("bucket/", "-foo@1", 0)
    world.command("rebuild")
    assert world.names() == ["bar"]
    sent = [json.loads(body) for body in world.queue.bodies]
    assert {body["regenerate"][0]: body["announced"] is not None for body in sent} == {
        "bar/": True,
        "foo/": False,
    }
    assert world.table.items["bucket/"].pending == frozenset()
    world.drain()
    assert world.differences() == []


@pytest.mark.parametrize("answer", ["held", "no table", "S3 refuses"])
def test_a_rebuild_that_cannot_write_the_root_page_sends_all_projects(
    world: World, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each project is sent once, and its run updates the root page as after an event."""
    for name in ("foo", "bar"):
        world.put(f"{name}/", wheel(name))

    def refuse(error: Exception) -> Callable[..., Any]:
        def call(*_: Any, **__: Any) -> Any:
            raise error

        return call

    with monkeypatch.context() as patches:
        if answer == "held":
            world.table.acquire("bucket/", "another", world.clock(), world.clock() + 900, None)
        elif answer == "no table":
            patches.setattr(world.table, "acquire", refuse(LockTableError("throttled")))
        else:
            patches.setattr(world.storage, "put", refuse(StorageError("denied")))
        assert world.command("rebuild")["messages"] == 1
    if answer == "held":
        world.table.abandon("bucket/", "another", world.table.items["bucket/"].run)
    world.drain()
    assert world.names() == ["bar", "foo"]
    assert world.differences() == []


def test_no_name_is_announced_before_its_project_is_sent(world: World) -> None:
    """Without its message, a removed project would stay on the root page."""

    def refuse(bodies: Iterable[Mapping[str, Any]]) -> int:
        if [*bodies]:
            raise QueueError("SQS is down")
        return 0

    world.put("foo/", wheel("foo"))
    world.queue.send = refuse  # type: ignore[method-assign]
    with pytest.raises(QueueError):
        world.command("rebuild")
    assert (BUCKET, "index.json") not in world.storage.objects
    assert world.table.items["bucket/"].dirty


def test_a_run_waits_for_the_announcement(world: World) -> None:
    """A run that starts while the rebuild writes the root page waits for it."""
    world.put("foo/", wheel("foo"))
    send = world.queue.send

    def send_and_work(bodies: Iterable[Mapping[str, Any]]) -> int:
        sent = send(bodies)
        item = world.table.items.get("bucket/")
        if item is None or item.owner is None:
            return sent
        waited: list[float] = []

        def sleep(seconds: float) -> None:
            world.clock.sleep(seconds)
            waited.append(seconds)
            if len(waited) == 3:  # as if the rebuild came to its end
                world.table.items["bucket/"] = replace(item, owner=None, completed=item.run)

        world.sleep = sleep
        world.drain()
        assert len(waited) == 3
        world.table.items["bucket/"] = item
        return sent

    world.queue.send = send_and_work  # type: ignore[method-assign]
    world.command("rebuild")
    assert [lock for call, lock in world.table.calls if call == "acquire"].count("bucket/") == 1
    assert world.differences() == []
