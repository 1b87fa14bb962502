"""Put large indexes directly into a bucket, with complete pages."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

from packaging.utils import NormalizedName

from lambda_indexer.model import ProjectFile, ProjectPage
from lambda_indexer.pages.rendering import project_html, project_json
from tests.benchmarks.lab import PEER_BUCKET, Site
from tests.benchmarks.records import CONTENT, METADATA, put_at

_WORKERS = 8


def seed_projects(
    site: Site, index: str, projects: Mapping[NormalizedName, Sequence[ProjectFile]]
) -> None:
    """Put the files of these records, and their pages, into an index.

    Args:
        site: Where; into the bucket that nothing watches.
        index: Its path, slash-terminated; nothing else is in it.
        projects: Records made by `make_records`, by project.
    """
    objects = {}
    for name, records in projects.items():
        for record in records:
            objects[f"{index}{name}/{record.filename}"] = CONTENT
            objects[f"{index}{name}/{record.filename}.metadata"] = METADATA
    put_all(site, objects)
    # Once for all projects: the local AWS scans all of its keys for each listing.
    listed = site.stack.clients.s3.get_paginator("list_objects_v2").paginate(
        Bucket=PEER_BUCKET, Prefix=index
    )
    times = {
        item["Key"]: item["LastModified"].astimezone(UTC)
        for page in listed
        for item in page["Contents"]
    }
    pages: dict[str, bytes] = {}
    for name, records in projects.items():
        path = f"{index}{name}/"
        page = ProjectPage.of(
            name, put_at(records, {r.filename: times[path + r.filename] for r in records})
        )
        pages |= {f"{path}index.json": project_json(page), path: project_html(page, path=index)}
    put_all(site, pages)


def put_all(site: Site, objects: dict[str, bytes]) -> None:
    """Put objects in parallel, without latency."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        puts = [
            pool.submit(site.put, key, body, bucket=PEER_BUCKET) for key, body in objects.items()
        ]
        for put in puts:
            put.result()
