"""The first rebuild of a large bucket in virtual time, beside its bare reads and writes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from lambda_indexer.events import batch
from lambda_indexer.events.commands import Commands
from lambda_indexer.events.parsing import parse
from lambda_indexer.events.queue import QueueState
from lambda_indexer.survey.surveyor import Surveyor
from tests.benchmarks.model.cloud import BATCH, FILES, PROJECTS, Cloud, Conditions
from tests.factories import wheel
from tests.fakes import MemoryQueue
from tests.simulation.world import BUCKET

WORKERS: Final = FILES
_SQS: Final = 0.006


def cold(projects: int, files: int, conditions: Conditions) -> tuple[float, float, Cloud]:
    """Rebuild an index without pages in one environment after the other.

    Args:
        projects: How many projects there are.
        files: How many files each has.
        conditions: What is assumed of AWS.

    Returns:
        The seconds that it takes, those of the same listing, reads and writes by as many workers,
        and where the former happened.
    """
    cloud = Cloud(conditions)
    cloud.storage.changed = lambda _key: None
    for project in range(projects):
        for version in range(files):
            made = wheel(f"p{project}", f"{version}.0")
            cloud.storage.upload(BUCKET, f"p{project}/{made.filename}", made.content)
    cloud.clock.spawn(lambda: _rebuild(cloud, projects * files))
    cloud.clock.run()
    bare = Cloud(conditions)
    bare.clock.spawn(lambda: _bare(bare, projects, files))
    bare.clock.run()
    return cloud.clock.now, bare.clock.now, cloud


def _rebuild(cloud: Cloud, files: int) -> None:
    queue, clock = _Queue(cloud), cloud.clock
    indexer = cloud.indexer("rebuild")
    _list(cloud, files, but=1)  # that one is made by the survey
    Commands(Surveyor(indexer.storage, indexer.kinds), indexer, queue).run(
        {"command": "rebuild", "bucket": BUCKET}
    )
    for start in range(0, len(queue.bodies), BATCH):
        clock.sleep(2 * _SQS)
        records = [
            {"eventSource": "aws:sqs", "messageId": str(number), "body": body}
            for number, body in enumerate(queue.bodies[start : start + BATCH])
        ]
        messages = parse({"Records": records})
        results = batch.process(messages, cloud.indexer(f"#{start}"), clock.parallel(PROJECTS))
        if batch.failed(messages, results):
            raise RuntimeError(results)


def _bare(cloud: Cloud, projects: int, files: int) -> None:
    """List everything, read each file, and write its metadata file; write two pages a project."""
    _list(cloud, projects * files)
    work = [("GET x", "PUT x")] * (projects * files) + [("PUT x", "PUT x")] * projects

    def do(calls: tuple[str, str]) -> None:
        for what in calls:
            cloud.call("bare", what, lambda: None)

    for _ in cloud.clock.parallel(WORKERS)(do, work):
        pass


def _list(cloud: Cloud, files: int, but: int = 0) -> None:
    for _ in range(-(-files // 1000) - but):
        cloud.call("list", "LIST *", lambda: None)


class _Queue(MemoryQueue):
    """The queue, with its latency."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        self._cloud = cloud

    def send(self, bodies: Iterable[Mapping[str, Any]]) -> int:
        """Send ten messages a request."""
        sent = super().send(bodies)
        self._cloud.clock.sleep(_SQS * -(-sent // 10))
        return sent

    def state(self) -> QueueState:
        """See `queue.Queue`."""
        raise NotImplementedError
