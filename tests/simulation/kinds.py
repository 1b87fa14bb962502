"""Worlds in which directories change between projects and indexes."""

import json
from random import Random
from typing import Any

from tests.factories import wheel
from tests.simulation.invariants import check_edge, loaded
from tests.simulation.world import BUCKET, SimulationError, World

FILES = {
    f"{directory}{one.filename}": one.content
    for directory, one in (
        ("", wheel("team")),
        ("team/", wheel("team")),
        ("team/", wheel("foo", "2.0")),
        ("team/foo/", wheel("foo")),
        ("team/foo/", wheel("bar", "3.0")),
        ("team/bar/", wheel("bar")),
        ("team/bar/foo/", wheel("foo", "4.0")),
    )
}


OWN = f"team/{wheel('team').filename}"
"""The file that decides what its directory is."""


def toggle(key: str) -> Any:
    """Return an action that puts a file, or removes it if it exists."""

    def act(world: World) -> None:
        if (BUCKET, key) in world.storage.objects:
            world.say(f"client deletes {key}")
            if key in listed(world):
                world.outdated_yanks.add(f"{key}.yanked")
            world.storage.remove(BUCKET, key)
        else:
            world.say(f"client puts {key}")
            world.storage.upload(BUCKET, key, FILES[key])

    return act


def yank(key: str) -> Any:
    """Return an action that yanks a file that exists."""

    def act(world: World) -> None:
        if (BUCKET, key) in world.storage.objects:
            world.say(f"client yanks {key}")
            world.storage.upload(BUCKET, f"{key}.yanked", b"")

    return act


def listed(world: World) -> list[str]:
    """Return the keys of all files that pages list."""
    return [
        f"{key.rpartition('/')[0]}/{file['filename']}"
        for (_, key), stored in world.storage.objects.items()
        if key.endswith("/index.json")
        for file in loaded(stored.body).get("files", ())
    ]


def watch(world: World) -> None:
    """Fetch all files that pages list through the CDN, which caches them."""
    there = {f"{key}.yanked" for _, key in world.storage.objects}
    world.outdated_yanks -= there  # another file has the name, too soon for anybody to notice
    for key in listed(world):
        stored = world.storage.objects.get((BUCKET, key))
        if stored is not None:
            world.edge.setdefault(key, stored.body)


def lose(number: float) -> Any:
    """Return an action that removes an object that the function has written."""

    def act(world: World) -> None:
        generated = sorted(
            key for _, key in world.storage.objects if not key.endswith((".whl", ".yanked"))
        )
        if generated:
            key = generated[int(number * len(generated))]
            world.say(f"somebody removes {key}")
            world.storage.remove(BUCKET, key)

    return act


def actions(random: Random, start: float) -> list[tuple[float, Any]]:
    """Return the actions of the clients, in order."""
    span = random.choice([0.5, 2, 30])
    moments = sorted(start + random.uniform(0, span) for _ in range(random.randint(3, 14)))
    return [
        (
            moment,
            random.choices(
                [lose(random.random()), yank(OWN), toggle(random.choice(sorted(FILES)))], [2, 1, 7]
            )[0],
        )
        for moment in moments
    ]


def check_rest(world: World) -> None:
    """Check the bucket when the queue is empty, from the distributions alone.

    Raises:
        SimulationError: it does not.
    """
    there: dict[str, list[str]] = {}
    for _, key in world.storage.objects:
        if key.endswith(".whl"):
            directory, _, filename = key.rpartition("/")
            there.setdefault(directory, []).append(filename)
    expected = _expected(there, {prefix.rstrip("/") for prefix in world.prefixes})
    found = _found(world)
    if found != expected:
        raise SimulationError(f"the pages are {found}, the bucket has {there}")
    sidecars = {key for _, key in world.storage.objects if key.endswith(".metadata")}
    offered = {
        f"{directory}/{filename}.metadata"
        for directory, page in expected.items()
        if isinstance(page, tuple)
        for filename in page[0]
    }
    if sidecars != offered:
        raise SimulationError(f"the sidecars are {sorted(sidecars)}, not {sorted(offered)}")
    check_edge(world)
    for key in sorted(world.outdated_yanks):
        if (BUCKET, key) in world.storage.objects:
            raise SimulationError(f"{key} is left behind")
    for lock, item in world.table.items.items():
        held = item.owner is not None and item.expires_at > world.now
        if held or item.pending:
            raise SimulationError(f"{lock} is not at rest: {item}")


def _expected(there: dict[str, list[str]], declared: set[str]) -> dict[str, Any]:
    def name(filename: str) -> str:
        return filename.partition("-")[0]

    def last(directory: str) -> str:
        return directory.rpartition("/")[2]

    own = {
        directory
        for directory, files in there.items()
        if directory not in {"", *declared} and any(name(f) == last(directory) for f in files)
    }
    parents = {directory.rpartition("/")[0] for directory in own}
    indexes = {d for d in parents if d not in own} | {d for d in ("", *declared) if d in parents}
    pages: dict[str, Any] = {
        index: sorted(last(d) for d in own if d.rpartition("/")[0] == index) for index in indexes
    }
    for directory, files in there.items():
        if directory not in indexes and directory not in {"", *declared}:
            offered = sorted(f for f in files if name(f) == last(directory))
            pages[directory] = (offered, sorted(set(files) - set(offered)))
        elif {f"{directory}/{name(file)}".lstrip("/") for file in files} - declared:
            pages[f"{directory} is not tidied up"] = files
    return pages


def _found(world: World) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for (_, key), stored in world.storage.objects.items():
        if not key.endswith("index.json"):
            continue
        directory = key.rpartition("/")[0]
        html = f"{directory}/" if directory else "index.html"
        page = json.loads(stored.body)
        if (BUCKET, html) not in world.storage.objects:
            raise SimulationError(f"{key} has no HTML page")
        if "projects" in page:
            names = [project["name"] for project in page["projects"]]
            # A root page that nothing is on stays where the index is one whatever lies in it.
            if names or f"{directory}/" not in {"/", *world.prefixes}:
                found[directory] = names
        else:
            files = sorted(file["filename"] for file in page["files"])
            found[directory] = (files, sorted(bad["filename"] for bad in page["_quarantined"]))
    return found
