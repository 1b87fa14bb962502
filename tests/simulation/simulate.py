"""Run worlds seed by seed, and trace the first failure."""

from random import Random

from tests.simulation import kinds
from tests.simulation.clients import PROFILES, actions
from tests.simulation.invariants import Watcher, check_rest
from tests.simulation.world import Faults, SimulationError, World


def make(seed: int) -> World:
    """Return the world of a seed, before its first step."""
    random = Random(seed)  # noqa: S311 - a seed replays exactly
    profile = PROFILES[seed % len(PROFILES)]
    faults = Faults(
        dies=random.choice([0, 0.02, 0.06]),
        refused=random.choice([0, 0.02, 0.06]),
        lost=random.choice([0, 0.02, 0.06]),
        repeated=random.choice([0, 0.05]),
        stalls=random.choice(
            [0.2, 0.4] if profile.large or profile.timeout < 60 else [0, 0.05, 0.2]
        ),
        budget=random.randint(0, 6),
    )
    world = World(
        random,
        faults,
        watch=Watcher(profile),
        timeout=profile.timeout,
        most_receives=random.choice([1, 3, 10]),
        keep_names=seed // len(PROFILES) % 3 == 1,
        cdn_refusals=2 if seed // len(PROFILES) % 4 == 3 else 0,
    )
    world.storage.page_size = random.choice([1, 2] if profile.large else [2, 4, 1000])
    if profile.kinds:
        world.keep_names = False
        world.watch = lambda _world: None
        world.prefixes = random.choice([frozenset(), frozenset(), frozenset({"team/"})])
        world.actions = kinds.actions(random, world.now)
    else:
        world.actions = actions(random, profile, world.now)
    kept = "kept" if world.keep_names else "not kept"
    size = world.storage.page_size
    world.say(f"seed {seed}: {profile.name}; {faults}; names are {kept}; {size} objects an answer")
    return world


def simulate(seed: int, world: World | None = None) -> World:
    """Run the world of a seed to its end.

    Returns:
        The world, at rest and right.

    Raises:
        SimulationError: it went wrong; the text is the seed, what was seen, and the trace.
    """
    world = world or make(seed)
    try:
        world.run()
        check = kinds.check_rest if PROFILES[seed % len(PROFILES)].kinds else check_rest
        check(world)
    except SimulationError as error:
        trace = "\n".join(world.trace)
        raise SimulationError(f"seed {seed}: {error}\n{trace}") from error
    return world
