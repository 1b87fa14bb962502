"""Nothing is lost in thousands of worlds, and deliberate bugs are found."""

import pytest

from tests.simulation.bugs import BUGS, PROFILE
from tests.simulation.clients import PROFILES
from tests.simulation.simulate import make, simulate
from tests.simulation.world import SimulationError

SEEDS = 2_000
PATIENCE = 4_000
# Few worlds show these bugs: the search begins where it has found them.
FOUND = {
    "HTML written unconditionally": 6335,
    "a dead letter that comes back is taken for news": 8782,
    "a lease that ends before its holder is killed": 980,
    "all pending entries are settled": 665,
    "anyone's release frees the lease": 1310,
    "an error is read as absence": 580,
    "no lease": 980,
    "root decided by a second look": 177,
}


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
    trace = "\n".join(line for seed in range(200) for line in simulate(seed).trace)
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
    step = len(PROFILES) if name in PROFILE else 1
    for tried in range(PATIENCE):
        number = FOUND.get(name, 0) + tried
        seed = number * step + PROFILE.get(name, 0)
        world = make(seed)
        try:
            with BUGS[name](world):
                simulate(seed, world)
        except SimulationError:
            return
    pytest.fail("not found")
