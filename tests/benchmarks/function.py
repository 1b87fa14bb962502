"""Run the function outside of the emulator, so that its CPU time and memory can be measured."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.lab import PEER_BUCKET, Site
from tests.factories import wheel

_TIMEOUT = 1200


@dataclass(frozen=True, slots=True)
class Invocation:
    """The cost of an invocation.

    Attributes:
        seconds: Of wall clock.
        cpu: Seconds of processor time, of all threads.
        grown: Bytes of memory at its highest, above those of the idle function.
        read: Bytes of objects.
        calls: To S3 and DynamoDB, by operation.
    """

    seconds: float
    cpu: float
    grown: int
    read: int
    calls: Mapping[str, int]


def invoke(site: Site, *steps: Any, slow: bool = True, **settings: str) -> Invocation:
    """Invoke the function in a separate process, after a small project as a warm-up.

    Args:
        site: Where.
        steps: Events, and URLs of queues to empty.
        slow: Whether calls have latencies.
        settings: More variables of the function, without their prefix.
    """
    made = wheel("warm", "1.0")
    warm = f"warm/warm/{made.filename}"
    site.put(warm, made.content, bucket=PEER_BUCKET)
    through = {"AWS_ENDPOINT_URL": site.function.url if slow else site.stack.emulator.url}
    variables = {f"S3PYPI_{name}": value for name, value in settings.items()}
    environment = site.environment | through | variables
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.invoke"],
        env={**environment, "S3PYPI_LOCKS_TABLE": site.stack.resources.table},
        input=json.dumps([event(warm), *steps]),
        capture_output=True,
        check=False,
        text=True,
        timeout=_TIMEOUT,
    )
    if done.returncode:
        raise RuntimeError(f"the function failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return Invocation(**json.loads(done.stdout.splitlines()[-1]))


def event(key: str) -> dict[str, Any]:
    """Return an S3 event for an object in the bucket without notifications."""
    place = {"bucket": {"name": PEER_BUCKET}, "object": {"key": key}}
    return {"Records": [{"eventSource": "aws:s3", "s3": place}]}
