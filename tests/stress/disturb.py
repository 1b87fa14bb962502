"""Disturb a deployment: kill workers and duplicate events."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from scripts.local.emulator import Emulator
from scripts.local.resources import Resources

_LONGEST: Final = 120.0


@dataclass
class Disturbance:
    """Disturbs a deployment in a thread, until it is stopped and has done enough.

    Attributes:
        emulator: whose workers are killed.
        resources: whose queue gets messages again.
        keys: of the files that are uploaded.
        kills: how many workers to kill at least.
        kill_every: seconds between two kills, on average.
        duplicates: how many messages are sent again.
        random: decides whom and when.
        killed: how many workers have been killed.
        sent: how many messages have been sent again.
    """

    emulator: Emulator
    resources: Resources
    keys: list[str]
    kills: int
    kill_every: float
    duplicates: int
    random: Random
    killed: int = 0
    sent: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Disturb while the context is active."""
        thread = threading.Thread(target=self._disturb, name="disturbance")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _disturb(self) -> None:
        until = time.monotonic() + _LONGEST
        while not (self._stop.is_set() and self._is_done()) and time.monotonic() < until:
            for _ in range(min(self.duplicates - self.sent, self.random.randint(1, 20))):
                self._send_again(self.random.choice(self.keys))
            # It is busy with these then, or with what has just been uploaded.
            time.sleep(self.random.uniform(0, 2 * self.kill_every))
            if self.killed < self.kills or not self._stop.is_set():
                self._kill_one()

    def _is_done(self) -> bool:
        return self.killed >= self.kills and self.sent >= self.duplicates

    def _kill_one(self) -> None:
        workers = workers_of(self.emulator)
        if workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.random.choice(workers), signal.SIGKILL)
                self.killed += 1

    def _send_again(self, key: str) -> None:
        record = {
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": self.resources.bucket}, "object": {"key": key}},
        }
        self.resources.clients.sqs.send_message(
            QueueUrl=self.resources.queue_url, MessageBody=json.dumps({"Records": [record]})
        )
        self.sent += 1


def workers_of(emulator: Emulator) -> list[int]:
    """Return the worker processes of the function, which are children of the emulator."""
    listed = subprocess.run(
        ["ps", "-ww", "-e", "-o", "pid=,ppid=,args="],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = (line.split(maxsplit=2) for line in listed.splitlines())
    return [
        int(pid)
        for pid, parent, *args in found
        if int(parent) == emulator.process.pid and "_worker" in " ".join(args)
    ]
