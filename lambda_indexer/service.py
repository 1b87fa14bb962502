"""The service: the clients and thread pools of a container, and the handling of an invocation."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics
from botocore.config import Config

from lambda_indexer.aws.cloudfront import CloudFront
from lambda_indexer.aws.dynamodb import DynamoDBLockTable
from lambda_indexer.aws.s3 import S3Storage
from lambda_indexer.aws.sqs import Messages
from lambda_indexer.errors import QueueError, StorageError
from lambda_indexer.events import batch
from lambda_indexer.events.commands import Commands
from lambda_indexer.events.messages import Message
from lambda_indexer.events.name_check import SECONDS_A_NAME, NameCheck
from lambda_indexer.events.parsing import parse
from lambda_indexer.events.reporting import Reporter
from lambda_indexer.events.uploads import uploads_of_moved
from lambda_indexer.files.read_ahead import CONNECTIONS
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.locks.lease import Leases
from lambda_indexer.locks.memory import LocalLockTable
from lambda_indexer.pages.site import Site
from lambda_indexer.parallel import bounded_map
from lambda_indexer.settings import Settings
from lambda_indexer.survey.surveyor import Surveyor
from s3pypi.upstream.lookup import Upstream


class Context(Protocol):
    """The attributes of Lambda's context object that the function uses."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until this invocation times out."""


@dataclass(frozen=True)
class Service:
    """The clients and thread pools of a container.

    Attributes:
        settings: The settings.
        storage: The adapter of S3.
        locks: The lock table, in DynamoDB or in memory.
        messages: The adapter of SQS.
        cdn: The adapter of CloudFront; None without a distribution.
        projects: The thread pool for projects.
        files: The thread pool for files. It is separate, because tasks of `projects` wait for its
            tasks.
        prefetch: The thread pool for reads while a directory is listed.
        log: Writes structured log lines.
        metrics: Writes metrics to the log (CloudWatch's embedded metric format).
    """

    settings: Settings
    storage: S3Storage
    locks: DynamoDBLockTable | LocalLockTable
    messages: Messages
    cdn: CloudFront | None
    projects: ThreadPoolExecutor
    files: ThreadPoolExecutor
    prefetch: ThreadPoolExecutor
    log: Logger
    metrics: EphemeralMetrics

    @classmethod
    def start(cls, settings: Settings) -> "Service":
        """Create the clients and the pools."""
        # For each project, one request of its own and two prefetches.
        connections = 3 * settings.parallel_projects + settings.parallel_files + CONNECTIONS
        config = Config(
            max_pool_connections=connections,
            # Without it, botocore composes one twice for each request.
            user_agent=f"s3pypi-indexer Boto3/{boto3.__version__}",
            retries={"mode": "standard", "total_max_attempts": 4},
            connect_timeout=5,
            read_timeout=30,
        )
        session, making = boto3.Session(), Lock()

        def client(service: Any) -> Any:
            # Some clients are created on demand in any thread, and sessions are not thread-safe:
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
            prefetch=ThreadPoolExecutor(2 * settings.parallel_projects, "prefetch"),
            log=Logger(service=settings.service, use_rfc3339=True),
            metrics=EphemeralMetrics(namespace="s3pypi", service=settings.service),
        )

    def close(self) -> None:
        """Shut down the thread pools and close all connections; used outside of Lambda."""
        self.projects.shutdown()
        self.files.shutdown()
        self.prefetch.shutdown()
        for adapter in (self.storage, self.locks, self.messages, self.cdn):
            if adapter is not None:
                adapter.close()

    def handle(self, event: Any, context: Context) -> dict[str, Any] | None:
        """Handle one invocation; see `handler.handler`."""
        self.log.append_keys(request_id=context.aws_request_id)
        settings = self.settings
        site = Site(
            settings.domain, settings.prefixes, settings.show_uploaders, settings.function_name
        )
        pages = Pages(self.storage, self.settings.index_html, site)
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
            submit=lambda call: self.prefetch.submit(call).result,
        )
        if isinstance(event, Mapping) and "command" in event:
            surveyor = Surveyor(self.storage, indexer.kinds)
            name_check = self._name_check(context)
            answer = Commands(surveyor, indexer, self.messages, name_check).run(event)
            Reporter(self.log, self.metrics).command(event, answer)
            self._flush()
            return answer
        messages = parse(event)
        results = batch.process(messages, indexer, bounded_map(self.projects))
        reporter = Reporter(self.log, self.metrics)
        for result in results:
            reporter.report(result)
        if site.show_uploaders:
            self._keep_uploaders(results)
        self._flush()
        return self._answer(messages, batch.failed(messages, results))

    def _name_check(self, context: Context) -> NameCheck | None:
        if not self.settings.upstream:
            return None
        return NameCheck(
            Upstream(self.settings.upstream, seconds=SECONDS_A_NAME),
            lambda: context.get_remaining_time_in_millis() / 1000,
        )

    def _keep_uploaders(self, results: list[batch.Result]) -> None:
        """Send events for moved files. If that fails, their uploaders stay unknown."""
        try:
            copies = list(uploads_of_moved(results, self.storage))
            if copies:
                self.messages.send(copies)
        except (StorageError, QueueError) as error:
            self.log.warning("uploaders are unknown", extra={"reason": str(error)})

    def _flush(self) -> None:
        if self.metrics.metric_set:  # flushing without metrics logs a warning
            self.metrics.flush_metrics()

    def _answer(
        self, messages: list[Message], errors: dict[int, Exception]
    ) -> dict[str, Any] | None:
        failures = []
        for number, error in sorted(errors.items()):
            message = messages[number]
            if message.id is None:
                raise error  # Lambda retries an asynchronous invocation
            if message.error:
                self.log.error("invalid message", extra={"reason": str(message.error)})
            self.messages.delay(message, error)
            failures.append({"itemIdentifier": message.id})
        return {"batchItemFailures": failures}
