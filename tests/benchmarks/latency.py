"""The latencies of AWS calls that the proxy adds."""

import argparse
from dataclasses import dataclass, fields
from typing import Self

from scripts.local.proxy.aws_calls import Call
from scripts.local.proxy.fates import Fate


@dataclass(frozen=True, slots=True)
class Latencies:
    """Milliseconds for each kind of call; each is an option of `make benchmark`.

    Attributes:
        s3: Of S3's calls on one object.
        list: Of ListObjectsV2.
        dynamodb: Of DynamoDB's.
        other: Of all other services'.
    """

    s3: float = 25
    list: float = 60
    dynamodb: float = 6
    other: float = 6

    @classmethod
    def add_options(cls, parser: argparse.ArgumentParser) -> None:
        """Add an option for each latency."""
        for each in fields(cls):
            parser.add_argument(
                f"--{each.name}-ms",
                type=float,
                default=each.default,
                metavar="MS",
                help=f"latency of {each.name} calls (default: %(default)s)",
            )

    @classmethod
    def from_options(cls, options: argparse.Namespace) -> Self:
        """Read the latencies from the parsed options."""
        return cls(*(getattr(options, f"{each.name}_ms") for each in fields(cls)))

    def of(self, service: str, operation: str) -> float:
        """Return the latency of an operation in seconds."""
        if operation == "ListObjectsV2":
            return self.list / 1000
        return {"s3": self.s3, "dynamodb": self.dynamodb}.get(service, self.other) / 1000

    def decide(self, call: Call) -> Fate:
        """Return the fate of a call in the proxy."""
        return Fate(delay=self.of(call.service, call.operation))
