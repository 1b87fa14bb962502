"""The random actions of clients, and the expected content of the bucket."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random

from s3pypi.distributions.filenames import is_distribution
from tests.factories import Distribution, sdist, wheel
from tests.simulation.profiles import Profile
from tests.simulation.world import BUCKET, VISIBILITY, World

PROJECTS = ("foo", "bar")
JUNK = Distribution("foo-3.0-py3-none-any.whl", b"junk", b"")

FEW = tuple(
    make(project, version, f"Summary: {variant}")
    for project in PROJECTS
    for make, version in ((wheel, "1.0"), (wheel, "2.0"), (sdist, "2.0"))
    for variant in ("first", "second")
)
"""Of few names, so that clients meet at the same files."""

MANY = tuple(wheel("foo", f"{number}.0") for number in range(10, 40))
"""Of one project, and all of different names."""

FACTS = {hashlib.sha256(one.content).hexdigest(): one for one in (*FEW, *MANY)}
"""Every valid file that there can be, by its digest."""

Action = Callable[[World], None]
Kind = Callable[[Random, tuple[Distribution, ...]], Action]


def actions(random: Random, profile: Profile, start: float) -> list[tuple[float, Action]]:
    """Return the actions of a world's clients, in order."""
    kinds: list[Kind] = [_upload, _upload, _drop]
    if profile.shrinking:
        kinds += [_upload, _delete, _delete, _again, _overwrite, _mark, _junk, _expire]
    if profile.overwriting:
        kinds = [_upload, _overwrite, _overwrite, _delete]
    if profile.rebuilds:  # apart from the others, for they put right what a bug has done
        kinds += [_rebuild] * (len(kinds) // 2)
    if profile.unlocks:
        kinds += [_unlock] * len(kinds)
    if profile.toggling:
        kinds = [partial(_toggle, projects=profile.toggling)]
    span, number, files = random.choice([0.5, 1, 2, 30]), random.randint(2, 12), FEW
    if profile.large:  # long enough for one run to come into the middle of another one's listing
        kinds, span, number, files = [*[_upload] * 2, _unlock], 30, random.randint(12, 40), MANY
    moments = sorted(start + random.uniform(0, span) for _ in range(number))
    chosen = [(moment, random.choice(kinds)(random, files)) for moment in moments]
    if profile.toggling and not profile.receives:
        # They meet the messages of dead invocations, which are visible again then.
        again = sorted(start + VISIBILITY + random.uniform(0, span) for _ in range(6))
        chosen += [(moment, _overwrite(random, files[2:])) for moment in again]
    return chosen


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


def _toggle(random: Random, files: tuple[Distribution, ...], projects: int) -> Action:
    """Put a project's file or delete it, and often take the lease of its project away first."""
    one, unlocks = random.choice([files[0], files[-1]][:projects]), random.random() < 0.5
    unlock = _unlock_one(f"{BUCKET}/{_place(one).partition('/')[0]}")

    def act(world: World) -> None:
        if unlocks:
            unlock(world)
        if (BUCKET, _place(one)) in world.storage.objects:
            world.say(f"client deletes {_place(one)}")
            world.storage.remove(BUCKET, _place(one))
        else:
            _put(world, _place(one), one.content)

    return act


def _drop(random: Random, files: tuple[Distribution, ...]) -> Action:
    one = _any(random, files)
    directory = random.choice(["", one.filename.partition("-")[0].capitalize() + "/"])
    key = directory + one.filename

    yanked = random.random() < 0.3

    def act(world: World) -> None:
        if key not in world.dropped:  # or a marker of the last drop might meet the next one
            world.dropped.add(key)
            _put(world, key, one.content)
            if yanked:
                _put(world, f"{key}.yanked", hashlib.sha256(one.content).hexdigest().encode())

    return act


def _expire(random: Random, files: tuple[Distribution, ...]) -> Action:
    """Delete files of a project at once, as a lifecycle rule of the bucket does."""
    del files
    project = random.choice(PROJECTS)

    def act(world: World) -> None:
        for key in world.storage.keys(BUCKET):
            expires = key.startswith(f"{project}/{project}-") and is_distribution(key)
            if expires and random.random() < 0.8:
                world.say(f"a lifecycle rule deletes {key}")
                world.storage.remove(BUCKET, key)

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
    return _unlock_one(f"{BUCKET}/{random.choice(['foo', 'foo', 'bar', ''])}")


def _unlock_one(lock: str) -> Action:
    def act(world: World) -> None:
        item = world.table.items.get(lock)
        if item is not None and item.owner is not None:
            world.say(f"operator unlocks {lock}")
            world.table.items[lock] = replace(item, owner=None, expires_at=0, dirty="forced")

    return act
