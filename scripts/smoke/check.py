"""A check, what came out of it, and the table of all."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scripts.smoke.world import World


class SmokeError(Exception):
    """AWS did something else than this product relies on; the message says what."""


class NotHereError(Exception):
    """This cannot be checked in this deployment; the message says why."""


@dataclass(frozen=True)
class Check:
    """One thing that the product relies on.

    Attributes:
        name: of what is checked.
        run: checks it, and gives what AWS did.
        aws_only: whether no emulator can do it.
    """

    name: str
    run: Callable[[World], str]
    aws_only: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a check.

    Attributes:
        name: of the check.
        said: what AWS did, on one line.
        result: `pass`, `fail` or `skip`.
        seconds: that it took.
    """

    name: str
    said: str
    result: str
    seconds: float = 0.0


def outcomes(checks: Iterable[Check], world: World) -> Iterator[Outcome]:
    """Run checks one after the other; what one of them raises is its outcome.

    Args:
        checks: those to run.
        world: where.

    Yields:
        The outcome of each, as soon as it is known.
    """
    for check in checks:
        if check.aws_only and world.is_emulated:
            yield Outcome(check.name, "needs AWS", "skip")
            continue
        started = time.monotonic()
        try:
            said, result = check.run(world), "pass"
        except NotHereError as error:
            said, result = str(error), "skip"
        except Exception as error:  # noqa: BLE001 - whatever AWS does, the next check is run
            said, result = f"{type(error).__name__.removesuffix('Error')}: {error}", "fail"
        seconds = time.monotonic() - started
        yield Outcome(check.name, " ".join(said.split()), result, seconds)


def row(outcome: Outcome) -> str:
    """A line of the table, in Markdown.

    Args:
        outcome: of a check.
    """
    said = outcome.said.replace("|", "\\|")
    return f"| {outcome.name} | {said} | {outcome.result} | {outcome.seconds:.1f} |"


HEAD = "| check | what AWS did | result | seconds |\n|---|---|---|---|"


def expect(seen: object, expected: object, what: str) -> None:
    """See that something is as expected.

    Args:
        seen: what was found.
        expected: what should have been.
        what: it is, for the message.

    Raises:
        SmokeError: it is something else.
    """
    if seen != expected:
        raise SmokeError(f"{what}: {seen!r}, expected {expected!r}")
