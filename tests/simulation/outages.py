"""Worlds in which the root page is out of reach for an hour, and pages must go on."""

from random import Random

from s3pypi.distributions.filenames import is_distribution
from tests.simulation import clients
from tests.simulation.invariants import check_project
from tests.simulation.profiles import Profile
from tests.simulation.world import BUCKET, Outage, SimulationError, World

BEGIN, HOUR = 200, 3600
CALLS = ("GET index.json", "PUT index.json", "HEAD index.html", "acquire b/")
MOST_PENDING = 24
"""Only a try that meets another run leaves a declaration: of the hundred in an hour, a few do."""


def prepare(world: World, random: Random, profile: Profile) -> None:
    """Have a project before the outage, changes at its beginning, and a look at its end."""
    world.faults.budget = 0
    world.most_receives = 10  # a message may wait for a lease, too
    begin = world.now + BEGIN
    world.outages = [Outage(random.choice(CALLS), begin, begin + HOUR)]
    first, *_ = clients.FEW
    world.actions = [
        (world.now, lambda now: now.storage.upload(BUCKET, f"foo/{first.filename}", first.content)),
        *clients.actions(random, profile, begin + 1),
        (begin + HOUR - 1, _check),
    ]


def _check(world: World) -> None:
    """Projects that stay on the root page have right pages although it is out of reach."""
    for project in clients.PROJECTS:
        keys = world.storage.keys(BUCKET)
        files = any(key.startswith(f"{project}/") and is_distribution(key) for key in keys)
        if files and f"{project}/index.json" in keys:
            check_project(world, project)
    for lock, item in world.table.items.items():
        if len(item.pending) > MOST_PENDING:
            raise SimulationError(f"{lock} has {len(item.pending)} pending entries")
