"""The plan of a stress run, decided by a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from scripts.local.proxy.aws_calls import Call
from scripts.local.proxy.fates import Fate, How
from tests.factories import Distribution, wheel

# Seconds that the services take on AWS, roughly; each call takes up to twice as long.
_LATENCY = {"s3": 0.02, "dynamodb": 0.005, "sqs": 0.005}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A stress run.

    Attributes:
        uploaders: processes of `s3pypi upload`, all at once.
        projects: how many there are.
        contended: how many of them get half of all wheels between them.
        wheels: how many there are, of equal number for each uploader.
        duplicates: messages that come a second time.
        kills: workers that are killed at least.
        kill_every: seconds between two workers that are killed, on average.
        faults: the share of calls to S3 and DynamoDB that fail, with or without effect.
        seconds: how long the index may take to come to rest after the last upload.
        seed: of everything that is left to chance.
    """

    uploaders: int = 50
    projects: int = 50
    contended: int = 5
    wheels: int = 1000
    duplicates: int = 200
    kills: int = 20
    kill_every: float = 3
    faults: float = 0.02
    seconds: float = 420
    seed: int = 1

    def distributions(self) -> list[Distribution]:
        """Return the wheels in the order in which they are assigned to uploaders."""
        made = []
        for number in range(self.wheels):
            half, crowded = divmod(number, 2)
            # A project of one file has no later event that would heal the loss of its only one.
            lonely = self.contended + half % (self.projects - self.contended)
            project = half % self.contended if crowded else lonely
            made.append(wheel(f"project-{project}", f"1.{number}"))
        self.chance("order").shuffle(made)
        return made

    def write(self, directory: Path) -> Iterator[list[Path]]:
        """Write the wheels, and return the files of each uploader."""
        made = self.distributions()
        for number in range(self.uploaders):
            paths = []
            for one in made[number :: self.uploaders]:
                path = directory / one.filename
                path.write_bytes(one.content)
                paths.append(path)
            yield paths

    def fate(self, random: Random, call: Call) -> Fate:
        """Return the fate of a call of the function in the proxy."""
        delay = _LATENCY.get(call.service, 0) * random.uniform(0.5, 2)
        if call.service in {"s3", "dynamodb"} and random.random() < self.faults:
            return Fate(delay, random.choice([How.REFUSE, How.LOSE, How.CUT]))
        return Fate(delay)

    def chance(self, of: str) -> Random:
        """Return the random generator for one purpose, the same in each run."""
        return Random(f"{self.seed} {of}")  # noqa: S311 - a plan is repeatable
