"""Run the command and the function in real processes, with faults."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.local.ports import usable_port
from scripts.local.proxy.fates import Fate, How
from scripts.local.proxy.server import running_proxy
from scripts.local.resources import Settings
from scripts.local.stack import LocalStack
from tests.stress.aftermath import Aftermath, look_at
from tests.stress.disturb import Disturbance
from tests.stress.plan import Plan

# Short times, so that what was killed comes back soon; their order is that of a deployment: a lease
# ends before the message that it was taken for comes back.
_TIMEOUT, _MARGIN, _VISIBILITY = 12, 2, 15
_JUNK = "this is no event"


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a run.

    Attributes:
        plan: what was done.
        aftermath: what is wrong, how long files waited, how many pages were written.
        failed: what uploaders that failed have said.
        at_rest: whether the queue was empty in time.
        dead: the bodies in the dead-letter queue but for the one message that belongs there.
        junk: whether that message is there.
        verified: what `s3pypi verify` says; empty when it is right.
        installed: whether pip could install every project.
        killed: how many workers were killed.
        repeated: how many messages came twice.
        calls: of the function, by operation.
        fates: what became of its calls.
        uploading: seconds until the last uploader was done.
        resting: seconds from then until the queue was empty.
    """

    plan: Plan
    aftermath: Aftermath
    failed: list[str]
    at_rest: bool
    dead: list[str]
    junk: bool
    verified: str
    installed: str
    killed: int
    repeated: int
    calls: Mapping[str, int]
    fates: Mapping[How, int]
    uploading: float
    resting: float

    @property
    def problems(self) -> list[str]:
        """All problems; empty if nothing was lost."""
        found = [*self.aftermath.problems, *self.failed]
        found += [f"in the dead-letter queue: {body[:200]}" for body in self.dead]
        if not self.at_rest:
            found.append(f"not at rest {self.plan.seconds:.0f} s after the last upload")
        if not self.junk:
            found.append("the message that is no event is not in the dead-letter queue")
        return found + [each for each in (self.verified, self.installed) if each]

    def __str__(self) -> str:
        waits, plan = self.aftermath.waits or [0.0], self.plan
        runs = self.calls.get("ListObjectsV2", 0)
        lines = [
            f"{plan.wheels} wheels by {plan.uploaders} uploaders, seed {plan.seed}",
            f"{plan.projects} projects, {plan.contended} of them with half of the wheels",
            f"uploaded in {self.uploading:.1f} s, at rest {self.resting:.1f} s later",
            f"{self.killed} workers killed, {self.repeated} events sent twice, calls "
            + ", ".join(f"{how} {count}" for how, count in sorted(self.fates.items())),
            f"{runs} regenerations begun, {self.aftermath.pages} versions of project pages written",
            "calls of the function: "
            + ", ".join(f"{name} {count}" for name, count in sorted(self.calls.items())),
            f"a file waited {waits[len(waits) // 2]:.1f} s (median), {waits[-1]:.1f} s (longest)",
            *(f"WRONG: {problem}" for problem in self.problems[:50]),
        ]
        return "\n".join(lines)


def run(plan: Plan, zip_path: Path | None = None) -> Report:
    """Carry out a plan and check the result.

    Args:
        plan: what to do.
        zip_path: the function's zip; built if None.

    Raises:
        EmulatorError: the local AWS could not be started, or has died.
    """
    with contextlib.ExitStack() as contexts:
        directory = Path(contexts.enter_context(tempfile.TemporaryDirectory(prefix="s3pypi-")))
        port = usable_port(0, "--port")
        proxy = contexts.enter_context(running_proxy(port))
        settings = Settings(
            function_timeout=_TIMEOUT,
            visibility_timeout=_VISIBILITY,
            environment={"AWS_ENDPOINT_URL": proxy.url, "S3PYPI_LEASE_MARGIN": str(_MARGIN)},
        )
        stack = contexts.enter_context(LocalStack(settings, port=port, zip_path=zip_path))
        resources, sqs = stack.resources, stack.clients.sqs
        sqs.send_message(QueueUrl=resources.queue_url, MessageBody=_JUNK)
        random = plan.chance("faults")
        proxy.decide = lambda call: plan.fate(random, call)
        made = plan.distributions()
        disturbance = Disturbance(
            stack.emulator,
            resources,
            [f"{one.filename.split('-')[0].replace('_', '-')}/{one.filename}" for one in made],
            plan.kills,
            plan.kill_every,
            plan.duplicates,
            plan.chance("disturbance"),
        )
        began = time.monotonic()
        with disturbance.running():
            failed = _upload(plan, directory, stack.environment)
            uploaded = time.monotonic()
        at_rest = resources.wait_until_idle(plan.seconds)
        ended = time.monotonic()
        stack.emulator.check()
        calls: Counter[str] = Counter()
        for (_, operation), count in proxy.tally.calls.items():
            calls[operation] += count
        fates = dict(proxy.tally.fates)
        proxy.decide = lambda _: Fate()
        dead = _bodies(stack, resources.dlq_url)
        return Report(
            plan=plan,
            aftermath=look_at(resources, made),
            failed=failed,
            at_rest=at_rest,
            dead=[body for body in dead if body != _JUNK],
            junk=_JUNK in dead,
            verified=_ask(["s3pypi", "verify"], stack.environment),
            installed=_install(plan, stack, directory),
            killed=disturbance.killed,
            repeated=disturbance.sent,
            calls=calls,
            fates=fates,
            uploading=uploaded - began,
            resting=ended - uploaded,
        )


def _upload(plan: Plan, directory: Path, environment: Mapping[str, str]) -> list[str]:
    """Run all uploaders at once, and return the output of those that failed."""
    command = [sys.executable, "-m", "s3pypi", "upload"]
    processes = [
        subprocess.Popen(  # noqa: S603
            [*command, *map(str, paths)],
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for paths in plan.write(directory)
    ]
    said = [(process.communicate()[1], process.returncode) for process in processes]
    return [f"an uploader failed: {text[-500:]}" for text, code in said if code]


def _bodies(stack: LocalStack, queue_url: str) -> list[str]:
    """Receive and return the bodies of all messages of a queue."""
    found: list[str] = []
    while messages := stack.clients.sqs.receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=10
    ).get("Messages"):
        found += [message["Body"] for message in messages]
    return found


def _install(plan: Plan, stack: LocalStack, directory: Path) -> str:
    names = [f"project-{number}" for number in range(plan.projects)]
    pip = ["pip", "install", "--isolated", "--no-cache-dir", "--no-deps", "--quiet"]
    target = ["--target", str(directory / "installed"), "--index-url", stack.index_url]
    return _ask([*pip, *target, *names], stack.environment)


def _ask(command: list[str], environment: Mapping[str, str]) -> str:
    """Run a module; return its output if it fails."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", *command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return json.dumps(f"{command[:2]}: {done.stdout}{done.stderr}") if done.returncode else ""
