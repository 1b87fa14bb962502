"""The random actions of clients, and the expected content of the bucket."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from tests.factories import Distribution, wheel
from tests.simulation.world import BUCKET, World

PROJECTS = ("foo", "bar")
VERSIONS = ("1.0", "2.0", "4.0", "5.0")
VARIANTS = tuple(
    wheel(project, version, f"Summary: {variant}")
    for project in PROJECTS
    for version in VERSIONS
    for variant in ("first", "second")
)
JUNK = Distribution("foo-3.0-py3-none-any.whl", b"junk", b"")

FACTS = {hashlib.sha256(one.content).hexdigest(): one for one in VARIANTS}
"""Every valid file that there can be, by its digest."""

FEW = tuple(one for one in VARIANTS if one.filename.split("-")[1] in VERSIONS[:2])
"""Of few versions, so that clients meet at the same files."""

Action = Callable[[World], None]
Kind = Callable[[Random, tuple[Distribution, ...]], Action]


@dataclass(frozen=True)
class Profile:
    """A kind of world.

    Attributes:
        name: for the trace.
        shrinking: whether clients also delete, overwrite, and yank.
        unlocks: whether an operator takes leases away from living holders.
        rebuilds: whether an operator has the index rebuilt meanwhile.
        timeout: seconds that an invocation may take.
        large: whether every listing takes many requests.
        kinds: whether directories change their kind; see `kinds`.
    """

    name: str
    shrinking: bool
    unlocks: bool
    rebuilds: bool = False
    timeout: float = 60
    large: bool = False
    kinds: bool = False


PROFILES = (
    Profile("growing", shrinking=False, unlocks=False),
    Profile("growing, with forced unlocks", shrinking=False, unlocks=True),
    Profile("mixed", shrinking=True, unlocks=False),
    Profile("mixed, with forced unlocks", shrinking=True, unlocks=True),
    Profile("mixed, with rebuilds", shrinking=True, unlocks=False, rebuilds=True),
    Profile("mixed, out of time", shrinking=True, unlocks=False, rebuilds=True, timeout=12),
    Profile("growing large, with forced unlocks", shrinking=False, unlocks=True, large=True),
    Profile("directories change their kind", shrinking=True, unlocks=False, kinds=True),
)


def actions(random: Random, profile: Profile, start: float) -> list[tuple[float, Action]]:
    """Return the actions of a world's clients, in order."""
    kinds: list[Kind] = [_upload, _upload, _drop]
    if profile.shrinking:
        kinds += [_upload, _delete, _delete, _again, _overwrite, _mark, _junk]
    if profile.rebuilds:  # apart from the others, for they put right what a bug has done
        kinds += [_rebuild] * (len(kinds) // 2)
    if profile.unlocks:
        kinds += [_unlock] * len(kinds)
    span, number, files = random.choice([0.5, 1, 2, 30]), random.randint(2, 12), FEW
    if profile.large:  # long enough for one run to come into the middle of another one's listing
        kinds, span, number, files = [*[_upload] * 3, _unlock], 30, random.randint(12, 24), VARIANTS
    moments = sorted(start + random.uniform(0, span) for _ in range(number))
    return [(moment, random.choice(kinds)(random, files)) for moment in moments]


def _any(random: Random, files: tuple[Distribution, ...]) -> Distribution:
    """Return a file, usually of the same project, to create contention."""
    return random.choice(files[: len(files) // random.choice([2, 2, 1])])


def _place(one: Distribution) -> str:
    return f"{one.filename.partition('-')[0]}/{one.filename}"


def _put(world: World, key: str, content: bytes) -> None:
    world.say(f"client puts {key}")
    world.storage.upload(BUCKET, key, content)


def _upload(random: Random, files: tuple[Distribution, ...]) -> Action:
    one = _any(random, files)

    def act(world: World) -> None:
        if (BUCKET, _place(one)) not in world.storage.objects:  # as `s3pypi upload` does
            _put(world, _place(one), one.content)

    return act


def _overwrite(random: Random, files: tuple[Distribution, ...]) -> Action:
    one = _any(random, files)
    return lambda world: _put(world, _place(one), one.content)


def _drop(random: Random, files: tuple[Distribution, ...]) -> Action:
    one = _any(random, files)
    directory = random.choice(["", one.filename.partition("-")[0].capitalize() + "/"])
    key = directory + one.filename

    def act(world: World) -> None:
        if (BUCKET, key) not in world.storage.objects:
            _put(world, key, one.content)

    return act


def _delete(random: Random, files: tuple[Distribution, ...]) -> Action:
    key = _place(_any(random, files))

    def act(world: World) -> None:
        if (BUCKET, key) in world.storage.objects:
            world.say(f"client deletes {key}")
            world.storage.remove(BUCKET, key)

    return act


def _again(random: Random, files: tuple[Distribution, ...]) -> Action:
    """Delete a file and put the same content again."""
    key = _place(_any(random, files))

    def act(world: World) -> None:
        there = world.storage.objects.get((BUCKET, key))
        if there is None:
            return
        world.say(f"client deletes {key}")
        world.storage.remove(BUCKET, key)
        moment = world.now + random.uniform(0, 1)
        world.actions.append((moment, lambda later: _put(later, key, there.body)))
        world.actions.sort(key=lambda action: action[0])

    return act


def _mark(random: Random, files: tuple[Distribution, ...]) -> Action:
    project = random.choice(PROJECTS)
    key = random.choice([f"{_place(_any(random, files))}.yanked", f"{project}/.project-status"])
    status = random.choice(["archived", "quarantined", "nonsense"])
    body = b"reason" if key.endswith("yanked") else json.dumps({"status": status}).encode()

    def act(world: World) -> None:
        if (BUCKET, key) in world.storage.objects:
            world.say(f"client deletes {key}")
            world.storage.remove(BUCKET, key)
        else:
            _put(world, key, body)

    return act


def _junk(random: Random, files: tuple[Distribution, ...]) -> Action:
    del random, files
    return lambda world: _put(world, _place(JUNK), JUNK.content)


def _rebuild(random: Random, files: tuple[Distribution, ...]) -> Action:
    del files
    event = {"command": "rebuild", "fresh": random.random() < 0.5}
    return lambda world: world.command(event)


def _unlock(random: Random, files: tuple[Distribution, ...]) -> Action:
    del files
    lock = f"{BUCKET}/{random.choice(['foo', 'foo', 'bar', ''])}"

    def act(world: World) -> None:
        item = world.table.items.get(lock)
        if item is not None and item.owner is not None:
            world.say(f"operator unlocks {lock}")
            world.table.items[lock] = replace(item, owner=None, expires_at=0, dirty="forced")

    return act
