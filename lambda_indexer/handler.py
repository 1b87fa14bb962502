"""The entry point of the function."""

import gc
import os
from platform import python_version
from typing import Any

import boto3
import botocore

from lambda_indexer.service import Context, Service
from lambda_indexer.settings import Settings


def _start() -> Service:
    # With the default threshold, garbage collection takes a quarter of the time for loading service
    # descriptions and large pages. Objects that exist after the start are never collected.
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


# Start in the init phase, in which Lambda gives even a small function a full processor.
_service: Service | None = _start() if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else None


def handler(event: Any, context: Context) -> dict[str, Any] | None:
    """Handle an invocation of the Lambda function.

    Args:
        event: S3 events, directly or through SQS, SNS or EventBridge; or a command, which has the
            key `command` (see `commands`).
        context: Lambda's context object.

    Returns:
        The response to a command; for SQS, the messages that failed (`ReportBatchItemFailures`), so
        that only those are retried.

    Raises:
        IndexerError: An event from another source failed, so that Lambda retries it.
        SettingsError: The environment is invalid.
    """
    global _service  # noqa: PLW0603 - one service for each container
    if _service is None:
        _service = _start()
    return _service.handle(event, context)
