"""The memory of surveys of large buckets."""

from lambda_indexer.survey.directories import list_directories
from lambda_indexer.survey.result import MAX_DIFFERENCES
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World


def test_foreign_objects_are_counted_and_not_kept(world: World) -> None:
    """Any number of other objects takes no memory."""
    world.add("foo/", wheel("foo"))
    own = len(world.storage.objects)
    for number in range(500):
        world.storage.upload(BUCKET, f"foo/{'x' * 200}-{number}.txt", b"")
        world.storage.upload(BUCKET, f"{'x' * 900}{number}/y/z.txt", b"")
    assert world.command("verify")["objects"] == own + 1000
    found = list_directories(world.indexer.kinds, BUCKET)
    assert sum(map(len, found.objects.values())) == own
    assert max(len(stored.key) for held in found.objects.values() for stored in held) < 50


def test_the_first_of_many_differences_are_told(world: World) -> None:
    """All differences are counted, and the first ones by place are kept."""
    for number in range(2 * MAX_DIFFERENCES + 10):
        world.storage.upload(BUCKET, f"foo/{number:05}.exe", b"")
    world.storage.upload(BUCKET, "a/b/a-1.0.zip", b"")
    answer = world.command("verify")
    assert answer["count"] == 2 * MAX_DIFFERENCES + 11
    assert answer["repairable"] == 1
    assert len(answer["differences"]) == MAX_DIFFERENCES
    assert answer["differences"][0]["place"] == "a/b/"
    assert answer["differences"][-1]["place"] == f"foo/{MAX_DIFFERENCES - 2:05}.exe"
    assert world.command("rebuild")["regenerated"] == 1
