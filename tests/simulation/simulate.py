"""Run worlds seed by seed, and trace the first failure."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from random import Random
from unittest.mock import patch

from packaging.utils import NormalizedName

from lambda_indexer.pages.parsing import parse_page
from lambda_indexer.pages.rendering import project_html
from s3pypi.distributions.source import Reader
from s3pypi.distributions.verification import read_metadata
from tests.simulation import clients, kinds, outages
from tests.simulation.invariants import Watcher, check_rest
from tests.simulation.profiles import PROFILES
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
        at=profile.at,
    )
    if random.random() < 0.3:  # between two pages, where leases may be taken away
        faults = replace(faults, slow="PUT *", stalls=0.3)
    if profile.at != "*":  # few calls, so something does happen at them
        dies, repeated = random.choice([(0.5, 0), (0, 0.5)])
        faults = replace(faults, dies=dies, refused=0, lost=0, repeated=repeated, budget=2)
    if profile.toggling:  # before it tells the root page what may be outdated by then
        faults = replace(faults, slow="acquire b/", stalls=0.5)
    if profile.toggling == 1 and not profile.receives and seed // len(PROFILES) % 4 == 0:
        # Before it deletes what a newer page may name by then.
        faults = replace(faults, slow="DELETE *.metadata", stalls=0.9, budget=0)
    if profile.large:
        faults = replace(faults, slow="LIST *", budget=0)
    world = World(
        random,
        faults,
        watch=Watcher(profile),
        timeout=profile.timeout,
        most_receives=profile.receives or random.choice([1, 3, 10]),
        keep_names=seed // len(PROFILES) % 3 == 1,
        cdn_refusals=2 if seed // len(PROFILES) % 4 == 3 else 0,
    )
    world.storage.page_size = random.choice([1, 2] if profile.large else [2, 4, 1000])
    world.storage.opaque = random.random() < 0.2
    if profile.kinds:
        world.keep_names = False
        world.watch = kinds.watch
        world.prefixes = random.choice([frozenset(), frozenset(), frozenset({"team/"})])
        world.actions = kinds.actions(random, world.now)
    elif profile.outage:
        outages.prepare(world, random, profile)
    else:
        world.actions = clients.actions(random, profile, world.now)
    kept = "kept" if world.keep_names else "not kept"
    size = world.storage.page_size
    world.say(f"seed {seed}: {profile.name}; {faults}; names are {kept}; {size} objects an answer")
    return world


class _AtOnce:
    """An executor that makes calls immediately."""

    def __init__(self, *_: object) -> None:
        pass

    def submit(self, function: Callable[..., bytes], *args: int) -> Future[bytes]:
        future = Future[bytes]()
        try:
            future.set_result(function(*args))
        except Exception as error:  # noqa: BLE001 - `result` raises it
            future.set_exception(error)
        return future

    def shutdown(self, **_: object) -> None:
        pass


def _read_metadata(
    file: Reader, name: str, project: NormalizedName | None, _alarm: Callable[[], None]
) -> bytes:
    return _metadata(file.read(), name, project)


@lru_cache(maxsize=100)
def _metadata(content: bytes, name: str, project: NormalizedName | None) -> bytes:
    """Read each archive once; the worlds differ in when it is read."""
    return read_metadata(BytesIO(content), name, project, lambda: None)


# Worlds differ in when pages are read and written; the same are parsed and rendered many times.
_parse_page = lru_cache(maxsize=1000)(parse_page)
_project_html = lru_cache(maxsize=1000)(project_html)


def simulate(seed: int, world: World | None = None) -> World:
    """Run the world of a seed to its end.

    Returns:
        The world, at rest and right.

    Raises:
        SimulationError: it went wrong; the text is the seed, what was seen, and the trace.
    """
    world = world or make(seed)
    try:
        with (
            patch("lambda_indexer.files.inspection.read_metadata", _read_metadata),
            patch("lambda_indexer.index.page_store.parse_page", _parse_page),
            patch("lambda_indexer.index.publishing.project_html", _project_html),
            # A world has only one thread, which must not wait for itself.
            patch("lambda_indexer.files.read_ahead.ThreadPoolExecutor", _AtOnce),
            patch("lambda_indexer.files.inspection._one_at_a_time", nullcontext()),
        ):
            world.run()
        profile = PROFILES[seed % len(PROFILES)]
        if profile.kinds:
            kinds.check_rest(world)
        else:
            check_rest(world, profile)
    except SimulationError as error:
        trace = "\n".join(world.trace)
        raise SimulationError(f"seed {seed}: {error}\n{trace}") from error
    return world
