"""The function's entry point: creates settings and clients per container, and handles events."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from platform import python_version
from threading import Lock
from typing import Any, Protocol, TypeVar

import boto3
import botocore
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics
from botocore.config import Config

from lambda_indexer.aws.cloudfront import CloudFront
from lambda_indexer.aws.dynamodb import DynamoDBLockTable
from lambda_indexer.aws.s3 import S3Storage
from lambda_indexer.aws.sqs import Messages
from lambda_indexer.events import batch
from lambda_indexer.events import parsing as events
from lambda_indexer.events.commands import Commands
from lambda_indexer.events.reporting import Reporter
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.index.survey import Surveyor
from lambda_indexer.locks.lease import Leases
from lambda_indexer.locks.memory import LocalLockTable
from lambda_indexer.ports import Parallel
from lambda_indexer.settings import Settings

T = TypeVar("T")
R = TypeVar("R")


class Context(Protocol):
    """What the function needs of Lambda's context object."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until this invocation times out."""


@dataclass(frozen=True)
class Service:
    """Everything that lives as long as the container.

    Attributes:
        settings: of this deployment.
        storage: the bucket.
        locks: the lock table, in DynamoDB or in memory.
        messages: the queue.
        cdn: the CloudFront distribution, None if there is none.
        projects: the pool for projects.
        files: the pool for files; separate from `projects`, whose tasks wait for these.
        log: writes structured lines.
        metrics: writes metrics into the log (CloudWatch's embedded metric format).
    """

    settings: Settings
    storage: S3Storage
    locks: DynamoDBLockTable | LocalLockTable
    messages: Messages
    cdn: CloudFront | None
    projects: ThreadPoolExecutor
    files: ThreadPoolExecutor
    log: Logger
    metrics: EphemeralMetrics

    @classmethod
    def start(cls, settings: Settings) -> "Service":
        """Create the clients and the pools."""
        connections = settings.parallel_projects + settings.parallel_files
        config = Config(
            max_pool_connections=connections,
            retries={"mode": "standard", "total_max_attempts": 4},
            connect_timeout=5,
            read_timeout=30,
        )
        session, making = boto3.Session(), Lock()

        def client(service: Any) -> Any:
            # Some clients are created on demand, in any thread, and sessions are not thread-safe:
            # https://docs.aws.amazon.com/boto3/latest/guide/session.html
            with making:
                return session.client(service, config=config)

        files = ThreadPoolExecutor(settings.parallel_files, "file")
        return cls(
            settings=settings,
            storage=S3Storage(client("s3"), settings.put_args, bounded_map(files)),
            locks=LocalLockTable()
            if settings.single_instance
            else DynamoDBLockTable(client("dynamodb"), settings.locks_table),
            messages=Messages(lambda: client("sqs"), settings.queue_url, settings.dlq_url),
            cdn=CloudFront(lambda: client("cloudfront"), settings.distribution_id)
            if settings.distribution_id
            else None,
            projects=ThreadPoolExecutor(settings.parallel_projects, "project"),
            files=files,
            log=Logger(service=settings.service, use_rfc3339=True),
            metrics=EphemeralMetrics(namespace="s3pypi", service=settings.service),
        )

    def close(self) -> None:
        """Shut down the pools and close the connections; used outside of Lambda."""
        self.projects.shutdown()
        self.files.shutdown()
        for adapter in (self.storage, self.locks, self.messages, self.cdn):
            if adapter is not None:
                adapter.close()

    def handle(self, event: Any, context: Context) -> dict[str, Any] | None:
        """Handle one invocation; see `handler`."""
        self.log.append_keys(request_id=context.aws_request_id)
        pages = Pages(self.storage, self.settings.index_html)
        keep_names = bool(self.settings.upstream)
        leases = Leases(
            table=self.locks,
            remaining=lambda: context.get_remaining_time_in_millis() / 1000,
            holder=f"request {context.aws_request_id}",
            margin=self.settings.lease_margin,
            max_wait=self.settings.max_wait,
        )
        indexer = Indexer(
            storage=self.storage,
            leases=leases,
            pages=pages,
            parallel=bounded_map(self.files),
            cdn=self.cdn,
            keep_names=keep_names,
            prefixes=self.settings.prefixes,
        )
        if isinstance(event, Mapping) and "command" in event:
            surveyor = Surveyor(self.storage, indexer.kinds)
            answer = Commands(surveyor, indexer, self.messages).run(event)
            Reporter(self.log, self.metrics).command(event, answer)
            self._flush()
            return answer
        messages = events.parse(event)
        results = batch.process(messages, indexer, bounded_map(self.projects))
        reporter = Reporter(self.log, self.metrics)
        for result in results:
            reporter.report(result)
        self._flush()
        return self._answer(messages, batch.failed(messages, results))

    def _flush(self) -> None:
        if self.metrics.metric_set:  # flushing without metrics logs a warning
            self.metrics.flush_metrics()

    def _answer(
        self, messages: list[events.Message], errors: dict[int, Exception]
    ) -> dict[str, Any] | None:
        failures = []
        for number, error in sorted(errors.items()):
            message = messages[number]
            if message.id is None:
                raise error  # Lambda retries an asynchronous invocation
            if message.error:
                self.log.error("not understood", extra={"reason": str(message.error)})
            self.messages.delay(message, error)
            failures.append({"itemIdentifier": message.id})
        return {"batchItemFailures": failures}


def bounded_map(pool: ThreadPoolExecutor) -> Parallel:
    """A parallel map that waits for all started calls before it returns or raises.

    Otherwise, work could continue after a failure, when the lease is already released. Each map
    submits at most as many calls as the pool has threads, so that a map of ten thousand items does
    not block the others.
    """
    width = pool._max_workers  # noqa: SLF001 - it has no other name

    def run(function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]:
        waiting = enumerate(items)
        results: dict[int, R] = {}
        under_way: dict[Future[R], int] = {}
        try:
            while True:
                for number, item in islice(waiting, width - len(under_way)):
                    under_way[pool.submit(function, item)] = number
                if not under_way:
                    return iter([results[number] for number in range(len(results))])
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    results[under_way.pop(future)] = future.result()
        finally:
            wait(under_way)

    return run


def _start() -> Service:
    # Frequent garbage collections would take a quarter of the time needed to load AWS's service
    # descriptions or a large page's records. The objects that exist after the start are kept.
    gc.set_threshold(50_000)
    service = Service.start(Settings.from_environment(os.environ))
    versions = {
        "boto3": boto3.__version__,
        "botocore": botocore.__version__,
        "python": python_version(),
    }
    service.log.info("started", extra=versions)
    gc.freeze()
    return service


# In the init phase, Lambda gives even a small function a whole processor.
_service: Service | None = _start() if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else None


def handler(event: Any, context: Context) -> dict[str, Any] | None:
    """The Lambda function's handler.

    Args:
        event: S3's events, directly or through SQS, SNS or EventBridge; or a command, which has
            the key `command` (see `commands`).
        context: the context of the invocation.

    Returns:
        For a command, its answer. For SQS, exactly the messages that failed
        (`ReportBatchItemFailures`), so that only those are retried.

    Raises:
        IndexerError: an event of another source failed, so that Lambda retries it.
        SettingsError: the function's environment is invalid.
    """
    global _service  # noqa: PLW0603 - a container's one service, made at the first event
    if _service is None:
        _service = _start()
    return _service.handle(event, context)
