"""Put large indexes directly into a bucket, with complete pages."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

from packaging.utils import NormalizedName

from lambda_indexer.model import ProjectFile, ProjectPage
from lambda_indexer.pages.rendering import project_html, project_json
from tests.benchmarks.lab import PEER_BUCKET, Site
from tests.benchmarks.records import CONTENT, METADATA, put_at

_WORKERS = 8


def seed_project(site: Site, directory: str, records: Iterable[ProjectFile]) -> None:
    """Put the files of these records, and their pages, into a directory.

    Args:
        site: Where; into the bucket that nothing watches.
        directory: Its last segment is the project's name.
        records: Made by `make_records`.
    """
    records = list(records)
    objects = {record.filename: CONTENT for record in records}
    objects |= {f"{record.filename}.metadata": METADATA for record in records}
    put_all(site, {f"{directory}{name}": body for name, body in objects.items()})
    pages = site.stack.clients.s3.get_paginator("list_objects_v2").paginate(
        Bucket=PEER_BUCKET, Prefix=directory
    )
    times = {
        item["Key"].removeprefix(directory): item["LastModified"].astimezone(UTC)
        for page in pages
        for item in page["Contents"]
    }
    name = NormalizedName(directory.rstrip("/").rpartition("/")[2])
    made = ProjectPage.of(name, put_at(records, times))
    put_all(
        site,
        {f"{directory}index.json": project_json(made), directory: project_html(made)},
    )


def put_all(site: Site, objects: dict[str, bytes]) -> None:
    """Put objects in parallel, without latency."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        puts = [
            pool.submit(site.put, key, body, bucket=PEER_BUCKET) for key, body in objects.items()
        ]
        for put in puts:
            put.result()
