"""Checks of uploads, and of how long they take to be on their pages."""

import json
import statistics
from http import HTTPStatus

from scripts.smoke.check import Check, expect
from scripts.smoke.samples import sdist, wheel
from scripts.smoke.world import World

JSON = "application/vnd.pypi.simple.v1+json"


def files(world: World, project: str) -> list[str]:
    """Return the files on a project's page, or an empty list if it has no page."""
    answer = world.get(f"{project}/", Accept=JSON)
    if answer.status != HTTPStatus.OK:
        return []
    return [each["filename"] for each in json.loads(answer.body)["files"]]


def appears(world: World, project: str, filename: str) -> float:
    """Wait until a file is on its page, and return how many seconds that took."""
    return world.until(lambda: filename in files(world, project), f"{filename} on its page")


def forms(world: World) -> str:
    """Check that a wheel, an sdist, a local version and an epoch get onto the page."""
    made = [
        wheel("smoke_forms", "1.0"),
        sdist("smoke_forms", "1.0"),
        wheel("smoke_forms", "1.0+local.1"),
        wheel("smoke_forms", "1!2.0"),
    ]
    for filename, content in made:
        world.put(f"smoke-forms/{filename}", content)
    seconds = max(appears(world, "smoke-forms", filename) for filename, _ in made)
    return f"wheel, sdist, +local and epoch are on the page after {seconds:.1f} s"


def root_drop(world: World) -> str:
    """Check that a file at the root of the index is moved to its project's directory."""
    filename, content = wheel("smoke_drop", "1.0")
    world.put(filename, content)
    seconds = appears(world, "smoke-drop", filename)
    found = world.s3.list_objects_v2(Bucket=world.stack.bucket, Prefix=f"{world.prefix}/{filename}")
    expect(found.get("KeyCount", 0), 0, "objects left at the root")
    return f"moved and on its page after {seconds:.1f} s"


def timed(world: World) -> str:
    """Measure how long uploads take to be on their page, one after the other."""
    seconds = []
    for number in range(world.uploads):
        filename, content = wheel("smoke_timed", f"1.{number}")
        world.put(f"smoke-timed/{filename}", content)
        seconds.append(appears(world, "smoke-timed", filename))
    if len(seconds) == 1:
        return f"{seconds[0]:.2f} s"
    quantiles = statistics.quantiles(seconds, n=20, method="inclusive")
    return f"of {len(seconds)}: p50 {quantiles[9]:.2f} s, p95 {quantiles[18]:.2f} s"


CHECKS = (
    Check("upload: every kind of file", forms),
    Check("upload: at the root of an index", root_drop),
    Check("upload: time to the page", timed),
)
