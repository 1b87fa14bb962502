"""Summaries on root pages."""

import json

import pytest

from lambda_indexer.errors import LeaseHeldError
from lambda_indexer.index.root import RootUpdater
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World


def summaries(world: World, directory: str = "") -> dict[str, str | None]:
    """Return the summaries on the JSON root page."""
    return {one["name"]: one.get("_summary") for one in world.json(directory)["projects"]}


def test_a_new_project_has_its_summary_at_once(world: World) -> None:
    """The line of a new project has its summary."""
    world.add("foo/", wheel("foo", "1.0", "Summary: Does <b>things</b>"))
    world.add("bar/", wheel("bar", "1.0"))
    assert summaries(world) == {"foo": "Does <b>things</b>", "bar": None}
    assert "Does &lt;b&gt;things&lt;/b&gt;" in world.html("index.html")
    assert world.differences() == []


def test_an_upload_does_not_rewrite_the_root_page(world: World) -> None:
    """A changed summary is updated by the next rebuild, and is not a difference."""
    world.add("foo/", wheel("foo", "1.0", "Summary: old"))
    world.add("team/foo/", wheel("foo", "1.0", "Summary: theirs"))
    world.forget()
    world.add("foo/", wheel("foo", "2.0", "Summary: new"))
    assert "index.json" not in {key for _, key in world.storage.calls}
    assert summaries(world) == {"foo": "old"}
    assert world.command("verify")["count"] == 0
    answer = world.command("rebuild")
    assert (answer["count"], answer["regenerated"], answer["summaries"]) == (0, 0, 1)
    assert summaries(world) == {"foo": "new"}
    assert summaries(world, "team/") == {"foo": "theirs"}
    assert world.differences() == []
    assert world.command("rebuild")["summaries"] == 0


def test_what_is_not_offered_has_no_summary(world: World) -> None:
    """A quarantined project has no summary."""
    world.add("foo/", wheel("foo", "1.0", "Summary: old"))
    world.add("bar/", wheel("bar", "1.0", "Summary: other"))
    world.index(world.put("foo/.project-status", b'{"status": "quarantined"}'))
    assert world.command("rebuild")["summaries"] == 1
    assert summaries(world) == {"foo": None, "bar": "other"}


def test_a_project_that_goes_takes_its_summary_along(world: World) -> None:
    """Removing a project keeps the summaries of the others."""
    key = world.add("foo/", wheel("foo", "1.0", "Summary: old"))
    world.add("bar/", wheel("bar", "1.0", "Summary: other"))
    world.storage.remove(BUCKET, key)
    world.index(key)
    assert summaries(world) == {"bar": "other"}


def test_summaries_that_somebody_wrote(world: World) -> None:
    """Invalid summaries are removed, and restored by the next rebuild."""
    world.add("foo/", wheel("foo", "1.0", "Summary: right"))
    for wrong in (1, ["x"], "two\nlines", "x" * 201, "\ud800"):
        page = world.json("")
        page["projects"] = [{"name": "foo", "_summary": wrong}, {"name": 1, "_summary": "x"}]
        world.storage.upload(BUCKET, "index.json", json.dumps(page).encode())
        world.command("rebuild")
        world.drain()
        assert summaries(world) == {"foo": "right"}, wrong


def test_a_root_page_that_is_being_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the root page is being written, the rebuild continues without the summaries."""
    world.add("foo/", wheel("foo", "1.0", "Summary: old"))
    world.add("foo/", wheel("foo", "2.0", "Summary: new"))

    def refuse(*_: object) -> None:
        raise LeaseHeldError("another run has it", 1.0)

    monkeypatch.setattr(RootUpdater, "refresh", refuse)
    assert world.command("rebuild")["summaries"] == 0
    assert summaries(world) == {"foo": "old"}


def test_a_bucket_of_packages_alone(world: World) -> None:
    """The second of two rebuilds, which `s3pypi rebuild` makes, knows all summaries and links."""
    world.put("foo/", wheel("foo", "1.0", "Summary: one", "Requires-Dist: bar"))
    world.put("bar/", wheel("bar", "1.0", "Summary: two"))
    for _ in range(2):
        world.command("rebuild")
        world.drain()
    assert summaries(world) == {"foo": "one", "bar": "two"}
    assert world.json("foo/")["_about"]["links"] == ["bar"]
    assert world.command("rebuild")["summaries"] == 0
