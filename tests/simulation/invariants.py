"""The invariants at every moment, and those at rest.

Both are derived from the bucket and from what the files are known to be, never by the indexer's
code: only the rendering of a whole page is taken from it, to compare HTML with JSON.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from random import Random
from typing import Any

from lambda_indexer.model import ProjectPage
from lambda_indexer.pages.parsing import parse_page
from lambda_indexer.pages.rendering import project_html
from s3pypi.distributions.filenames import is_distribution
from tests.simulation.clients import FACTS, PROJECTS
from tests.simulation.profiles import Profile
from tests.simulation.world import BUCKET, SimulationError, World

Said = dict[str, tuple[str, bool]]
"""What a page lists: by name, a file's digest and whether it has a sidecar."""


class _Anchors(HTMLParser):
    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.files: Said = {}
        # Of these alone, for the rest of the page takes long.
        self.feed("".join(re.findall("<a [^>]*>", html.decode())))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            attributes = dict(attrs)
            url, _, digest = (attributes["href"] or "").partition("#sha256=")
            self.files[url] = (digest, "data-core-metadata" in attributes)


@lru_cache(maxsize=1000)
def loaded(body: bytes) -> Any:
    """Read a JSON page, once for all steps in which it does not change."""
    return json.loads(body)


@lru_cache(maxsize=1000)
def _json_files(body: bytes) -> Said:
    return {
        file["filename"]: (file["hashes"]["sha256"], "core-metadata" in file)
        for file in loaded(body)["files"]
    }


@lru_cache(maxsize=1000)
def _html_files(body: bytes) -> Said:
    return _Anchors(body).files


def _listed(world: World, project: str) -> list[Said]:
    """The content of each form of a project's page."""
    forms = []
    for name, read in (("index.json", _json_files), ("", _html_files)):
        page = world.storage.objects.get((BUCKET, f"{project}/{name}"))
        if page is not None:
            forms.append(read(page.body))
    return forms


@dataclass
class Watcher:
    """Checks the bucket after every step, like a reader.

    Attributes:
        profile: of the world; where leases are taken from living holders and files come and go, a
            page may be out of date for a moment, until the holder's message is tried again.
    """

    profile: Profile
    _seen: int = -1
    _oldest: float = 0
    _touched: dict[str, float] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _present: dict[str, str] = field(default_factory=dict)
    _was_listed: dict[tuple[str, int], Said] = field(default_factory=dict)
    _upload_times: dict[tuple[str, str], str] = field(default_factory=dict)
    _pages: set[str] = field(default_factory=set)
    _random: Random = field(default_factory=lambda: Random(7))  # noqa: S311

    def __call__(self, world: World) -> None:
        if world.storage.version == self._seen:
            return
        self._seen = world.storage.version
        self._look_at_files(world)
        self._oldest = min((one.started for one in world.running), default=world.now + 1)
        self._fetch(world)
        for project in PROJECTS:
            forms = _listed(world, project)
            for number, listed in enumerate(forms):
                self._nothing_before_it_exists(world, project, listed)
                self._nothing_is_lost(world, project, number, listed)
            self._forgive(world, project, forms)
            self._upload_times_stay(world, project)
            self._root_before_page(world, project)
            self._name_stays(world, project)

    def _fetch(self, world: World) -> None:
        """Fetch all listed files through the CDN, which caches them."""
        if self._random.random() > 0.5:
            return
        for project in PROJECTS:
            page = world.storage.objects.get((BUCKET, f"{project}/index.json"))
            for filename in _json_files(page.body) if page else ():
                for key in (f"{project}/{filename}", f"{project}/{filename}.metadata"):
                    stored = world.storage.objects.get((BUCKET, key))
                    if stored is not None:
                        world.edge.setdefault(key, stored.body)

    def _look_at_files(self, world: World) -> None:
        """A file that was deleted or overwritten may be listed as it was until the next run."""
        present = {
            key: hashlib.sha256(stored.body).hexdigest()
            for (_, key), stored in world.storage.objects.items()
            if is_distribution(key) and key.count("/") == 1
        }
        for key, digest in self._present.items():
            if present.get(key) != digest:
                self._touched[key] = world.now
                self._gone.add(key)
                self._upload_times.pop((key, digest), None)
        for key in self._gone & present.keys() - self._present.keys():
            self._touched[key] = world.now
        self._present = present

    def _forgive(self, world: World, project: str, forms: list[Said]) -> None:
        """A file that both pages are right about must stay right, once no older run is left.

        Unless leases are taken away: a run that has lost its lease may delete a sidecar of a newer
        page, in the moment between its last look at the lease and the deletion.
        """
        if self.profile.unlocks:
            return
        for key, touched in [*self._touched.items()]:
            if not key.startswith(f"{project}/") or touched >= self._oldest:
                continue
            filename, digest = key.rpartition("/")[2], self._present.get(key, "")
            sidecar = world.storage.objects.get((BUCKET, f"{key}.metadata"))
            wheel = filename.endswith(".whl")
            if not digest:
                right = sidecar is None and not any(filename in said for said in forms)
            elif digest in FACTS:
                right = all(said.get(filename) == (digest, wheel) for said in forms) and (
                    not wheel or (sidecar and sidecar.body) == FACTS[digest].metadata
                )
            else:
                continue
            if right and len(forms) != 1:
                del self._touched[key]

    def _nothing_before_it_exists(self, world: World, project: str, listed: Said) -> None:
        for filename, (digest, sidecar) in listed.items():
            key = f"{project}/{filename}"
            if key in self._touched:
                continue
            if self._present.get(key) != digest:
                raise SimulationError(f"{key} is listed and not there with that digest")
            if sidecar:
                there = world.storage.objects.get((BUCKET, f"{key}.metadata"))
                if there is None or there.body != FACTS[digest].metadata:
                    raise SimulationError(f"{key}'s sidecar is advertised and not there")

    def _nothing_is_lost(self, world: World, project: str, number: int, listed: Said) -> None:
        before = self._was_listed.get((project, number), {})
        self._was_listed[project, number] = listed
        if self.profile.shrinking and self.profile.unlocks:
            return
        if (BUCKET, f"{project}/.project-status") in world.storage.objects:
            return
        for filename in before.keys() - listed.keys():
            key = f"{project}/{filename}"
            if key in self._present and key not in self._touched:
                raise SimulationError(f"{key} is there, was listed, and is not listed any more")

    def _upload_times_stay(self, world: World, project: str) -> None:
        page = world.storage.objects.get((BUCKET, f"{project}/index.json"))
        said = loaded(page.body) if page else {"files": []}
        for file in said["files"]:
            key, digest = f"{project}/{file['filename']}", file["hashes"]["sha256"]
            if key in self._touched or self._present.get(key) != digest:
                continue
            first = self._upload_times.setdefault((key, digest), file["upload-time"])
            if first != file["upload-time"]:
                raise SimulationError(f"{key}'s upload-time moved")

    def _root_before_page(self, world: World, project: str) -> None:
        """A project is on the root page before its page exists."""
        there = (BUCKET, f"{project}/index.json") in world.storage.objects
        appeared = there and project not in self._pages
        self._pages = self._pages | {project} if there else self._pages - {project}
        if appeared and not self.profile.unlocks and project not in _root(world):
            raise SimulationError(f"{project} has a page and is not on the root page")

    def _name_stays(self, world: World, project: str) -> None:
        """With an upstream, a page that exists is never missing later.

        Without it, the edge would send clients elsewhere.
        """
        if (BUCKET, f"{project}/index.json") in world.storage.objects:
            world.named.add(project)
        elif world.keep_names and project in world.named:
            raise SimulationError(f"{project} had a page and has none")


def check_rest(world: World, profile: Profile) -> None:
    """Check the bucket when the queue is empty.

    Args:
        world: at rest.
        profile: its kind.

    Raises:
        SimulationError: it does not.
    """
    objects = {key: stored.body for (_, key), stored in world.storage.objects.items()}
    there = [project for project in PROJECTS if check_project(world, project)]
    if not profile.shrinking and not world.faulty:
        _check_yanks(objects)
    if _root(world) != sorted(there):
        raise SimulationError(f"the root page has {_root(world)}, the bucket {sorted(there)}")
    check_edge(world)
    lost = {one.content for one in FACTS.values()} & world.storage.vanished
    if lost - world.storage.withdrawn:
        raise SimulationError("the product has destroyed a file's bytes")
    for lock, item in world.table.items.items():
        # What a dead command has left behind ends by itself; messages come back and end theirs.
        if item.owner is not None and item.owner.split()[0] not in world.commands & world.excused:
            raise SimulationError(f"{lock} is still held by {item.owner}")
        if item.pending:
            raise SimulationError(f"{lock} still has {sorted(item.pending)} pending")


def check_project(world: World, project: str) -> bool:
    """The invariants of a project without pending events.

    Returns:
        Whether it is a project.

    Raises:
        SimulationError: it does not hold.
    """
    objects = {key: stored.body for (_, key), stored in world.storage.objects.items()}
    files = {
        key.rpartition("/")[2]: hashlib.sha256(body).hexdigest()
        for key, body in objects.items()
        if key.startswith(f"{project}/") and is_distribution(key)
    }
    # A run may have died between the line on the root page and the first page.
    kept = world.keep_names and (project in world.named or project in _root(world))
    _check_page(world, objects, project, files, kept=kept)
    _check_sidecars(objects, project, files)
    return bool(files or kept)


def _check_yanks(objects: dict[str, bytes]) -> None:
    """A marker yanks the file that it was dropped with, and it is beside that file.

    Only if no run dies between the two moves, and another file takes the place.
    """
    for key, body in objects.items():
        if key.endswith(".yanked"):
            file = objects.get(key.removesuffix(".yanked"), b"")
            if hashlib.sha256(file).hexdigest().encode() != body:
                raise SimulationError(f"{key} is not meant for the file beside it")


def check_edge(world: World) -> None:
    """Check that the CDN's copies of files are those of the bucket.

    Raises:
        SimulationError: one is not.
    """
    for key, kept in world.edge.items():
        stored = world.storage.objects.get((BUCKET, key))
        there = stored.body if stored else None
        if there != kept and not (there is None and key.endswith(".metadata")):
            raise SimulationError(f"the CDN keeps an old {key}")


def _check_page(
    world: World, objects: dict[str, bytes], project: str, files: dict[str, str], *, kept: bool
) -> None:
    body, html = objects.get(f"{project}/index.json"), objects.get(f"{project}/")
    if not files and not kept:
        if body is not None or html is not None:
            raise SimulationError(f"{project} has a page and no files")
        return
    if body is None or html is None:
        raise SimulationError(f"{project} has files and no page")
    said = json.loads(body)
    page = parse_page(body)
    if not isinstance(page, ProjectPage) or html != _html(world, project, page):
        raise SimulationError(f"{project}: HTML and JSON do not say the same")
    try:
        status = json.loads(objects[f"{project}/.project-status"])["status"]
    except (KeyError, ValueError):
        status = "active"
    offered = {} if status == "quarantined" else {f: d for f, d in files.items() if d in FACTS}
    expected: dict[str, Any] = {}
    for filename, digest in offered.items():
        sidecar = hashlib.sha256(FACTS[digest].metadata).hexdigest()
        expected[filename] = (
            digest,
            {"sha256": sidecar} if filename.endswith(".whl") else None,
            f"{project}/{filename}.yanked" in objects,
        )
    listed = {
        file["filename"]: (
            file["hashes"]["sha256"],
            file.get("core-metadata"),
            "yanked" in file,
        )
        for file in said["files"]
    }
    if listed != expected:
        raise SimulationError(f"{project}: the page lists {listed}, the bucket has {expected}")
    if status in {"archived", "quarantined"} and said["project-status"]["status"] != status:
        raise SimulationError(f"{project}: its status is not {status}")
    bad = {one["filename"] for one in said["_quarantined"] if is_distribution(one["filename"])}
    if bad != {filename for filename, digest in files.items() if digest not in FACTS}:
        raise SimulationError(f"{project}: quarantined are {bad}")


def _check_sidecars(objects: dict[str, bytes], project: str, files: dict[str, str]) -> None:
    expected = {
        f"{project}/{filename}.metadata": FACTS[digest].metadata
        for filename, digest in files.items()
        if digest in FACTS and filename.endswith(".whl")
    }
    found = {
        key: body
        for key, body in objects.items()
        if key.startswith(f"{project}/") and key.endswith(".metadata")
    }
    if found != expected:
        raise SimulationError(f"{project}: sidecars {sorted(found)} are not {sorted(expected)}")


def _html(world: World, project: str, page: ProjectPage) -> bytes:
    path = f"{project}/".removesuffix(f"{page.name}/")
    return project_html(page, one_url=world.keep_names, path=path)


def _root(world: World) -> list[str]:
    page = world.storage.objects.get((BUCKET, "index.json"))
    return _names(page.body) if page else []


@lru_cache(maxsize=100)
def _names(body: bytes) -> list[str]:
    return [one["name"] for one in json.loads(body)["projects"]]
