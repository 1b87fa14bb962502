"""Write every page of a bucket from this machine, before the function is deployed.

For migrations: the JSON pages must exist before CloudFront requests them, and the same
`terraform apply` deploys the function and changes CloudFront. This runs the function's own code
with the caller's credentials. It keeps leases in memory, so it is for buckets to which only old
clients write. If something else writes the same page, S3 refuses one of the two writes, as always.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError  # noqa: TID251 - this is the edge

from lambda_indexer.aws.sqs import Messages
from lambda_indexer.errors import IndexerError
from lambda_indexer.events.commands import QueueState
from lambda_indexer.events.parsing import Message
from lambda_indexer.handler import Service
from lambda_indexer.settings import Settings

_INTERRUPTED = 130
_ALONE = {"S3PYPI_LOCKS_TABLE": "", "S3PYPI_SINGLE_INSTANCE": "true"}


class _Context:
    """An invocation that is never killed."""

    aws_request_id = "rebuild_locally"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds: the longest that Lambda would give."""
        return 900_000


class _Here(Messages):
    """A queue whose messages are processed when they are sent; see `Messages`.

    Attributes:
        service: the function's service, which processes them.
        failures: the errors of messages that failed.
    """

    service: Service

    def __init__(self) -> None:
        self.failures: list[Exception] = []

    def send(self, bodies: Iterable[Mapping[str, Any]]) -> int:
        sent = 0
        for sent, body in enumerate(bodies, 1):
            record = {"eventSource": "aws:sqs", "messageId": str(sent), "body": json.dumps(body)}
            self.service.handle({"Records": [record]}, _Context())
        return sent

    def delay(self, message: Message, error: Exception) -> None:  # noqa: ARG002 - as there
        self.failures.append(error)

    def state(self) -> QueueState:
        return QueueState(waiting=0, in_flight=0, dead=len(self.failures))

    def close(self) -> None:
        pass


def rebuild(service: Service, bucket: str, prefix: str) -> list[str]:
    """Rebuild all indexes below a prefix, and move misplaced files to their projects.

    Args:
        service: the function's service, with leases in memory.
        bucket: the bucket.
        prefix: the prefix of the indexes; empty for all.

    Returns:
        One line for each difference that could not be repaired.

    Raises:
        IndexerError: AWS refused or failed.
    """
    queue = _Here()
    # The caller reports problems; nothing collects the log and the metrics here.
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        log = Logger(service="rebuild", stream=nowhere)
        queue.service = here = replace(service, messages=queue, log=log)

        def ask(command: str) -> dict[str, Any]:
            request = {"command": command, "bucket": bucket, "prefix": prefix}
            return here.handle(request, _Context()) or {}

        # Twice: the second run writes the pages of files that the first one has moved.
        if ask("rebuild")["differences"]:
            ask("rebuild")
        left = [f"{one['place']}: {one['what']}" for one in ask("verify")["differences"]]
    return left + [f"failed: {error}" for error in queue.failures]


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0 if the index is complete, 1 if something could not be repaired, 2 for a
        usage error, 130 if interrupted.
    """
    options = _parser().parse_args(argv)
    for variable, value in (
        ("AWS_PROFILE", options.profile),
        ("AWS_DEFAULT_REGION", options.region),
    ):
        if value:
            os.environ[variable] = value
    try:
        settings = Settings.from_environment({**os.environ, **_ALONE})
        service = Service.start(settings)
        try:
            left = rebuild(service, options.bucket, options.prefix)
        finally:
            service.close()
    except (IndexerError, BotoCoreError, ClientError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; run the same command again to continue", file=sys.stderr)
        return _INTERRUPTED
    print(
        "\n".join(
            [*left, "done" if not left else "some problems remain; fix them and run this again"]
        )
    )
    return 1 if left else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rebuild_locally",
        description="Write every page of a bucket from this machine, before the function exists.",
        epilog="S3PYPI_INDEX_HTML and S3PYPI_PUT_ARGS have the same meaning as for the function.",
    )
    parser.add_argument("bucket", metavar="BUCKET", help="name of the bucket")
    parser.add_argument(
        "--prefix", default="", help="limit the rebuild to indexes below this prefix"
    )
    parser.add_argument("--profile", help="profile of the AWS configuration")
    parser.add_argument("--region", help="AWS region")
    return parser


if __name__ == "__main__":
    sys.exit(main())
