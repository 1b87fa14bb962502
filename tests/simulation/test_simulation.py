"""Nothing is lost in thousands of worlds, and deliberate bugs are found."""

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.simulate import make, simulate
from tests.simulation.world import SimulationError

SEEDS = 1_300
PATIENCE = 1_000


@pytest.mark.parametrize("start", range(0, SEEDS, SEEDS // 10))
def test_worlds_come_to_rest_and_are_right(start: int) -> None:
    """All invariants hold with any interleaving and faults."""
    for seed in range(start, start + SEEDS // 10):
        simulate(seed)


def test_a_seed_replays_exactly() -> None:
    """The trace of a seed is always the same."""
    for seed in range(40):
        assert simulate(seed).trace == simulate(seed).trace


def test_worlds_are_not_harmless() -> None:
    """Each kind of fault occurs many times."""
    trace = "\n".join(line for seed in range(260) for line in simulate(seed).trace)
    for what in (
        "dies: before",
        "dies: after",
        "is refused",
        "does not hear the answer",
        "repeats",
        "but its answer is lost",
        "operator unlocks",
        "LeaseLostError",
        "LeaseHeldError",
        "ChangedError",
        "COPY",
        "client deletes",
        "gets a wish",
        "OutOfTimeError",
        "is a dead letter",
        "operator redrives",
        "names are kept",
    ):
        assert trace.count(what) >= 5, what


@pytest.mark.parametrize("name", BUGS)
def test_every_deliberate_bug_is_found(name: str) -> None:
    """The simulation finds each deliberate bug."""
    for seed in BUGS[name].seeds(PATIENCE):
        world = make(seed)
        try:
            with BUGS[name].break_(world):
                simulate(seed, world)
        except SimulationError:
            return
    pytest.fail("not found")
