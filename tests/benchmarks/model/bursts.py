"""Bursts of uploads: by `s3pypi upload` to a cloud of the model, and by s3pypi 2.0.1."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from s3pypi.uploads.waiter import POLLS, pause_after
from tests.benchmarks.model.cloud import Cloud, Conditions
from tests.benchmarks.sample import Sample
from tests.factories import wheel

START: Final = 0.25
"""Seconds until a command sends its first byte, as the other rows measure it."""
JOBS: Final = 16
"""As many files as the command uploads at the same time."""
RETRY, ATTEMPTS = 1.0, 10
"""The lock of s3pypi 2.0.1: `LockerConfig`."""

Shares = Sequence[Sequence[str]]
"""The keys that each machine uploads."""


@dataclass(frozen=True, slots=True)
class Burst:
    """The result of a burst.

    Attributes:
        seconds: Until all files are listed, from the start of the first command.
        cloud: Where it happened.
        failures: How often a command failed.
    """

    seconds: float
    cloud: Cloud
    failures: int = 0

    @property
    def delays(self) -> Sample:
        """Seconds from each file's PUT until it was on its page."""
        times = self.cloud.uploaded, self.cloud.listed
        return Sample(tuple(times[1][key] - times[0][key] for key in times[1]))


def shares_of(machines: int, each: int, projects: int) -> list[list[str]]:
    """Give each machine a number of wheels, of the projects in turn."""
    keys = [
        f"project-{n % projects}/project_{n % projects}-{n}.0-py3-none-any.whl"
        for n in range(machines * each)
    ]
    return [keys[start : start + each] for start in range(0, len(keys), each)]


def ours(
    shares: Shares,
    conditions: Conditions,
    *,
    over: float = 0.5,
    seed: int = 1,
    wait: bool = False,
    traced: bool = False,
) -> Burst:
    """Upload by `s3pypi upload`, and let the function list the files.

    Args:
        shares: What each machine uploads.
        conditions: What is assumed of AWS.
        over: Seconds within which the machines begin.
        seed: Decides when each of them does.
        wait: Whether the time is that of the slowest command with `--wait`.
        traced: Whether to keep every call.
    """
    cloud = Cloud(conditions, traced=traced, random=Random(seed))  # noqa: S311 - it repeats
    ended: list[float] = []

    def machine(number: int, keys: Sequence[str]) -> None:
        who = f"machine {number}"
        cloud.clock.sleep(START)
        upload = cloud.clock.parallel(JOBS)
        for _ in upload(lambda key: cloud.upload(who, key, _content(key)), keys):
            pass
        if wait:
            _wait(cloud, who, keys)
        ended.append(cloud.clock.now)

    for number, keys in enumerate(shares):
        start = cloud.random.uniform(0, over)
        cloud.clock.spawn(lambda number=number, keys=keys: machine(number, keys), start)  # type: ignore[misc]
    cloud.clock.run()
    expected = {key for keys in shares for key in keys}
    if cloud.listed.keys() != expected:
        raise RuntimeError(f"{len(expected) - len(cloud.listed)} files are not listed")
    return Burst(max(ended if wait else cloud.listed.values()), cloud)


def _wait(cloud: Cloud, who: str, keys: Sequence[str]) -> None:
    """Look for the files as `s3pypi upload --wait` does."""
    left, started = set(keys), cloud.clock.now
    poll = cloud.clock.parallel(POLLS)

    def look(project: str) -> set[str]:
        def listed() -> set[str]:
            return {key for key in cloud.listed if key.startswith(f"{project}/")}

        return cloud.call(who, f"GET {project}/index.json", listed)

    while True:
        left -= set().union(*poll(look, sorted({key.partition("/")[0] for key in left})))
        if not left:
            return
        cloud.clock.sleep(pause_after(cloud.clock.now - started))


def peer(shares: Shares, conditions: Conditions, *, over: float = 0.5, seed: int = 1) -> Burst:
    """Upload by s3pypi 2.0.1 with its lock; a machine whose command fails starts it again."""
    old = _Peer(Cloud(conditions, random=Random(seed)))  # noqa: S311 - it repeats
    for number, keys in enumerate(shares):
        start = old.cloud.random.uniform(0, over)
        old.cloud.clock.spawn(lambda number=number, keys=keys: old.machine(number, keys), start)  # type: ignore[misc]
    old.cloud.clock.run()
    return Burst(old.cloud.clock.now, old.cloud, old.failures)


@dataclass
class _Peer:
    """The protocol of s3pypi 2.0.1; see its `core.upload_packages` and `locking.DynamoDBLocker`.

    Each project's index is read, and written with all new files, while its lock is held. The
    command looks whether there is a table, then takes one project after the other, and of each one
    file after the other.
    """

    cloud: Cloud
    locks: set[str] = field(default_factory=set)
    failures: int = 0

    def machine(self, number: int, keys: Sequence[str]) -> None:
        """Upload some files, until it succeeds."""
        self.cloud.clock.sleep(START)
        while not self._command(f"machine {number}", keys):
            self.failures += 1

    def _command(self, who: str, keys: Sequence[str]) -> bool:
        self.cloud.call(who, "look at", lambda: None)
        for project in sorted({key.partition("/")[0] for key in keys}):
            if not self._lock(who, project):
                return False
            self.cloud.call(who, f"GET {project}/", lambda: None)
            for key in keys:
                if key.startswith(f"{project}/") and key not in self.cloud.uploaded:
                    self.cloud.call(who, f"PUT {key}", _noting(self.cloud, key))
            self.cloud.call(who, f"PUT {project}/", lambda: None)
            self.cloud.call(who, "release", lambda: self.locks.remove(project))  # noqa: B023
        return True

    def _lock(self, who: str, project: str) -> bool:
        for attempt in range(ATTEMPTS):
            if self.cloud.call(who, "acquire", lambda: self._acquire(project)):
                return True
            if attempt < ATTEMPTS - 1:
                self.cloud.clock.sleep(RETRY)
        self.cloud.call(who, "look at", lambda: None)
        return False

    def _acquire(self, project: str) -> bool:
        free = project not in self.locks
        self.locks.add(project)
        return free


def _noting(cloud: Cloud, key: str) -> Callable[[], None]:
    def note() -> None:
        cloud.uploaded[key] = cloud.clock.now

    return note


def _content(key: str) -> bytes:
    name, version = key.rpartition("/")[2].split("-")[:2]
    return wheel(name.replace("_", "-"), version).content
