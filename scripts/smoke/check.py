"""Run checks, and format their results as a table."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scripts.smoke.world import World


class SmokeError(Exception):
    """Raised if AWS does not behave as expected."""


class NotHereError(Exception):
    """Raised if a check does not apply to this deployment."""


@dataclass(frozen=True)
class Check:
    """A check of something that the index relies on.

    Attributes:
        name: The name of the check.
        run: Runs the check and returns a description of what AWS did.
        aws_only: Whether it needs a deployment by Terraform; the local stack skips it.
    """

    name: str
    run: Callable[[World], str]
    aws_only: bool = False


@dataclass(frozen=True)
class Outcome:
    """The result of a check.

    Attributes:
        name: The name of the check.
        message: A line about what AWS did.
        result: `pass`, `fail` or `skip`.
        seconds: How long the check took.
    """

    name: str
    message: str
    result: str
    seconds: float = 0.0


def outcomes(checks: Iterable[Check], world: World) -> Iterator[Outcome]:
    """Run checks one after the other. An exception is the outcome of the check that raised it.

    Args:
        checks: The checks to run.
        world: The deployment.

    Yields:
        The outcome of each check, as soon as it has run.
    """
    for check in checks:
        if check.aws_only and world.is_emulated:
            yield Outcome(check.name, "needs AWS", "skip")
            continue
        started = time.monotonic()
        try:
            message, result = check.run(world), "pass"
        except NotHereError as error:
            message, result = str(error), "skip"
        except Exception as error:  # noqa: BLE001 - other checks should still run
            message, result = f"{type(error).__name__.removesuffix('Error')}: {error}", "fail"
        seconds = time.monotonic() - started
        yield Outcome(check.name, " ".join(message.split()), result, seconds)


def row(outcome: Outcome) -> str:
    """Return a row of the table in Markdown.

    Args:
        outcome: The outcome of a check.
    """
    message = outcome.message.replace("|", "\\|")
    return f"| {outcome.name} | {message} | {outcome.result} | {outcome.seconds:.1f} |"


HEAD = "| check | what AWS did | result | seconds |\n|---|---|---|---|"


def expect(seen: object, expected: object, what: str) -> None:
    """Check that a value is as expected.

    Args:
        seen: The actual value.
        expected: The expected value.
        what: What the value is, for the message.

    Raises:
        SmokeError: The values differ.
    """
    if seen != expected:
        raise SmokeError(f"{what}: {seen!r}, expected {expected!r}")
