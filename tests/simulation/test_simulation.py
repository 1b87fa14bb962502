"""Nothing is lost in thousands of worlds, and deliberate bugs are found."""

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.profiles import PROFILES
from tests.simulation.simulate import make, simulate
from tests.simulation.world import SimulationError

SEEDS = 1_300
EACH = SEEDS // 4
PATIENCE = 1_000
EVENTS = (
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
)


@pytest.mark.parametrize("start", range(0, SEEDS, EACH))
def test_worlds_come_to_rest_and_are_right(start: int) -> None:
    """All invariants hold with any interleaving and faults, of which each occurs many times.

    The trace of a seed is always the same.
    """
    traces = [simulate(seed).trace for seed in range(start, start + EACH)]

    seen = "\n".join(line for trace in traces for line in trace)
    for event in EVENTS:
        assert seen.count(event) >= 5, event
    kinds = len(PROFILES)
    assert [simulate(seed).trace for seed in range(start, start + kinds)] == traces[:kinds]


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
