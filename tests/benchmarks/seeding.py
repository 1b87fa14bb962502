"""Large indexes put straight into a bucket: the pages say that every file has been looked at."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from packaging.utils import NormalizedName

from lambda_indexer.model import ProjectFile, ProjectPage
from lambda_indexer.pages.rendering import project_html, project_json
from tests.benchmarks.lab import PEER_BUCKET, Site
from tests.benchmarks.records import CONTENT, METADATA

_WORKERS = 8


def seed_project(site: Site, directory: str, records: Iterable[ProjectFile]) -> None:
    """Put the files of these records, and their pages, into a directory.

    Args:
        site: Where; into the bucket that nothing watches.
        directory: Its last segment is the project's name.
        records: Made by `make_records`.
    """
    page = ProjectPage.of(NormalizedName(directory.rstrip("/").rpartition("/")[2]), records)
    objects = {"index.json": project_json(page), "": project_html(page)}
    for record in page.records:
        objects[record.filename] = CONTENT
        objects[f"{record.filename}.metadata"] = METADATA
    put_all(site, {f"{directory}{name}": body for name, body in objects.items()})


def put_all(site: Site, objects: dict[str, bytes]) -> None:
    """Put objects, several at a time, without any latency."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        puts = [
            pool.submit(site.put, key, body, bucket=PEER_BUCKET) for key, body in objects.items()
        ]
        for put in puts:
            put.result()
