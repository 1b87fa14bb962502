"""Check the result of a stress run by the bucket's object versions.

The bucket keeps every version of every page with its time. So what each page said at any moment
can be judged afterwards, and nobody has to look while it happens.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scripts.local.resources import Resources
from tests.factories import Distribution


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an object: the time and the ETag."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The problems that were found, and how long files waited.

    Attributes:
        problems: each thing that must not be, for a person to read.
        waits: seconds from each file's upload to the first page that lists it.
        pages: how many versions of project pages have been written.
    """

    problems: list[str]
    waits: list[float]
    pages: int


def look_at(resources: Resources, uploaded: Sequence[Distribution]) -> Aftermath:
    """Compare every version of every page with the files of its time."""
    versions = _versions(resources)
    facts = {one.filename: one for one in uploaded}
    problems: list[str] = []
    waits: list[float] = []
    pages = 0
    projects: defaultdict[str, set[str]] = defaultdict(set)
    for filename in facts:
        projects[filename.split("-")[0].replace("_", "-")].add(filename)
    for project, wanted in sorted(projects.items()):
        known: set[str] = set()
        for version in versions.get(f"{project}/index.json", []):
            pages += 1
            page = _read(resources, f"{project}/index.json", version)
            listed = {file["filename"] for file in page["files"]}
            problems += [f"{project}: {name} was listed, then not" for name in known - listed]
            problems += [f"{project}: {one['reason']}" for one in page.get("_quarantined", [])]
            for file in page["files"]:
                problems += _file(project, file, facts, versions, version)
            for filename in listed - known:
                [uploaded_at] = versions[f"{project}/{filename}"]
                waits.append((version.at - uploaded_at.at).total_seconds())
            known = listed
        problems += [f"{project}: {name} is not listed" for name in sorted(wanted - known)]
    problems += _root(resources, versions, sorted(projects))
    return Aftermath(problems, sorted(waits), pages)


def _root(
    resources: Resources, versions: Mapping[str, list[Version]], projects: Sequence[str]
) -> list[str]:
    """Return the problems of the root page, now and when each project's page appeared."""
    problems = []
    root = [
        (version, [one["name"] for one in _read(resources, "index.json", version)["projects"]])
        for version in versions.get("index.json", [])
    ]
    if not root or root[-1][1] != projects:
        problems.append(f"the root page has {root[-1][1] if root else 'never been there'}")
    for project in projects:
        pages = versions.get(f"{project}/index.json", [])
        if pages and not any(at.at <= pages[0].at and project in names for at, names in root):
            problems.append(f"{project} had a page before it was on the root page")
    return problems


def _file(
    project: str,
    file: Mapping[str, Any],
    facts: Mapping[str, Distribution],
    versions: Mapping[str, list[Version]],
    page: Version,
) -> list[str]:
    """Return the problem of a page's entry at the time of the page."""
    name = file["filename"]
    fact = facts.get(name)
    if fact is None:
        return [f"{project}: {name} was never uploaded"]
    problems = []
    if file["hashes"]["sha256"] != hashlib.sha256(fact.content).hexdigest():
        problems.append(f"{project}: {name} has another digest")
    if file["core-metadata"]["sha256"] != hashlib.sha256(fact.metadata).hexdigest():
        problems.append(f"{project}: {name}'s metadata have another digest")
    return problems + [
        f"{key} was advertised before it was there"
        for key in (f"{project}/{name}", f"{project}/{name}.metadata")
        if not versions.get(key) or versions[key][0].at > page.at
    ]


def _versions(resources: Resources) -> dict[str, list[Version]]:
    """Yield every version of every object, oldest first."""
    found: defaultdict[str, list[Version]] = defaultdict(list)
    pages = resources.clients.s3.get_paginator("list_object_versions").paginate(
        Bucket=resources.bucket
    )
    for page in pages:
        for item in page.get("Versions", []):
            # Newest first, as S3 lists them; times alone may be equal.
            found[item["Key"]].insert(0, Version(item["LastModified"], item["VersionId"]))
    return found


def _read(resources: Resources, key: str, version: Version) -> dict[str, Any]:
    answer = resources.clients.s3.get_object(Bucket=resources.bucket, Key=key, VersionId=version.id)
    page = json.loads(answer["Body"].read())
    assert isinstance(page, dict)
    return page
