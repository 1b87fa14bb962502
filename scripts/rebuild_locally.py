"""Write all pages of a bucket from this machine, before the function is deployed.

Migrations need this, because one `terraform apply` deploys the function and changes CloudFront,
which then requests JSON pages at once. The script runs the function's code with your credentials.
It keeps locks in memory, so use it only while no indexer is deployed. If another program writes the
same page, S3 rejects one of the two writes.
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
from lambda_indexer.events.messages import Message
from lambda_indexer.events.queue import QueueState
from lambda_indexer.service import Service
from lambda_indexer.settings import Settings

_INTERRUPTED = 130
_ALONE = {
    "S3PYPI_LOCKS_TABLE": "",
    "S3PYPI_SINGLE_INSTANCE": "true",
    "S3PYPI_SERVICE": "rebuild_locally",
}


class _Context:
    """The context of an invocation without a timeout."""

    aws_request_id = "rebuild_locally"

    def get_remaining_time_in_millis(self) -> int:
        """Return Lambda's maximum timeout in milliseconds."""
        return 900_000


class _Here(Messages):
    """A queue in memory; see `Messages`.

    Attributes:
        records: The messages that have been sent, as Lambda passes them to the function.
        failures: The errors of failed messages.
    """

    def __init__(self) -> None:
        self.records: list[dict[str, str]] = []
        self.failures: list[Exception] = []

    def send(self, bodies: Iterable[Mapping[str, Any]]) -> int:
        new = [
            {"eventSource": "aws:sqs", "messageId": str(number), "body": json.dumps(body)}
            for number, body in enumerate(bodies)
        ]
        self.records += new
        return len(new)

    def delay(self, message: Message, error: Exception) -> None:  # noqa: ARG002 - as there
        self.failures.append(error)

    def state(self) -> QueueState:
        return QueueState(waiting=0, in_flight=0, dead=len(self.failures))

    def close(self) -> None:
        pass


def rebuild(service: Service, bucket: str, prefix: str) -> list[str]:
    """Rebuild all indexes below a prefix, and move misplaced files to their projects.

    Args:
        service: The function's service, with locks in memory.
        bucket: The bucket.
        prefix: The prefix of the indexes; empty for all.

    Returns:
        One line for each difference that could not be repaired.

    Raises:
        IndexerError: A request failed.
    """
    queue = _Here()
    # Discard the function's log and metrics; the caller reports problems.
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        log = Logger(service="rebuild", stream=nowhere)
        here = replace(service, messages=queue, log=log)

        def ask(command: str) -> dict[str, Any]:
            request = {"command": command, "bucket": bucket, "prefix": prefix}
            answer = here.handle(request, _Context()) or {}
            # Not before: the command may hold the root page's lease while it sends.
            while queue.records:
                here.handle({"Records": [queue.records.pop(0)]}, _Context())
            return answer

        # The second run writes the pages of files that the first run has moved.
        if ask("rebuild")["differences"]:
            ask("rebuild")
        left = [f"{one['place']}: {one['what']}" for one in ask("verify")["differences"]]
    return left + [f"failed: {error}" for error in queue.failures]


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; by default, those of the process.

    Returns:
        The exit code: 0 if the index is complete, 1 if a difference remains, 2 for a usage
        error, 130 if interrupted.
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
