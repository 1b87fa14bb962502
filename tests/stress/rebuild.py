"""Rebuild a bucket that only contains distributions."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from scripts.local.ports import usable_port
from scripts.local.proxy.server import running_proxy
from scripts.local.resources import Settings
from scripts.local.stack import LocalStack
from tests.factories import wheel
from tests.stress.disturb import workers_of


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a rebuild.

    Attributes:
        projects: how many there were.
        workers: how many processes of the function have taken part.
        calls: of the function, by operation.
        seconds: until the queue was empty.
        said: what the command said.
        problems: what `s3pypi verify` says of it; empty when it is right.
    """

    projects: int
    workers: int
    calls: Mapping[str, int]
    seconds: float
    said: str
    problems: list[str]

    def __str__(self) -> str:
        calls = ", ".join(f"{name} {count}" for name, count in sorted(self.calls.items()))
        lines = [
            self.said.strip(),
            f"{self.projects} projects by {self.workers} workers in {self.seconds:.0f} s: {calls}",
            *(f"WRONG: {problem}" for problem in self.problems),
        ]
        return "\n".join(lines)


@dataclass
class _Watch:
    """Records the function's workers in a thread."""

    stack: LocalStack
    seen: set[int] = field(default_factory=set)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        stop = threading.Event()

        def look() -> None:
            while not stop.wait(0.5):
                self.seen.update(workers_of(self.stack.emulator))

        thread = threading.Thread(target=look, name="watch")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def rebuild(projects: int) -> Report:
    """Put one wheel for each project without events, and rebuild the index.

    Raises:
        EmulatorError: the local AWS could not be started.
    """
    port = usable_port(0, "--port")
    with contextlib.ExitStack() as contexts:
        proxy = contexts.enter_context(running_proxy(port))
        settings = Settings(environment={"AWS_ENDPOINT_URL": proxy.url})
        stack = contexts.enter_context(LocalStack(settings, port=port))
        s3, bucket = stack.clients.s3, stack.resources.bucket
        notifications = s3.get_bucket_notification_configuration(Bucket=bucket)
        notifications.pop("ResponseMetadata", None)  # type: ignore[misc]
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})

        def put(number: int) -> None:
            one = wheel(f"project-{number}")
            s3.put_object(Bucket=bucket, Key=f"project-{number}/{one.filename}", Body=one.content)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(put, range(projects)))
        s3.put_bucket_notification_configuration(
            Bucket=bucket,
            NotificationConfiguration={"QueueConfigurations": notifications["QueueConfigurations"]},
        )
        watch = _Watch(stack)
        began = time.monotonic()
        with watch.running():
            done = _s3pypi(stack, "rebuild")
        seconds = time.monotonic() - began
        calls: Counter[str] = Counter()
        for (_, operation), count in proxy.tally.calls.items():
            calls[operation] += count
        verified = _s3pypi(stack, "verify")
        outcomes = [each for each in (done, verified) if each.returncode]
        return Report(
            projects,
            len(watch.seen),
            calls,
            seconds,
            done.stderr,
            [f"{each.stdout}{each.stderr}"[:2000] for each in outcomes],
        )


def _s3pypi(stack: LocalStack, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "s3pypi", command],
        env={**os.environ, **stack.environment},
        capture_output=True,
        text=True,
        check=False,
    )
