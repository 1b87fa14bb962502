"""Comparing and rebuilding a whole index."""

import time
from concurrent.futures import ThreadPoolExecutor
from subprocess import run

from packaging.utils import NormalizedName

from lambda_indexer.model import RootPage
from lambda_indexer.pages.rendering import root_html, root_json
from scripts.local.clients import Clients
from tests.benchmarks.function import Invocation, invoke
from tests.benchmarks.lab import PEER_BUCKET, PEERS, Lab, Site
from tests.benchmarks.records import make_records
from tests.benchmarks.row import Row
from tests.benchmarks.sample import figures, seconds
from tests.benchmarks.seeding import put_all, seed_projects
from tests.factories import wheel

FILES = 20
_WORKERS = 8
_MIB = 1 << 20


def measure(lab: Lab) -> list[Row]:
    """Rebuild an index with current pages, and one without pages."""
    projects = lab.size(5_000, 50)
    with lab.site() as site:
        queue = site.stack.clients.sqs.create_queue(QueueName="rebuild")["QueueUrl"]

        def rebuild(prefix: str) -> Invocation:
            command = {"command": "rebuild", "bucket": PEER_BUCKET, "prefix": prefix}
            return invoke(site, command, queue, QUEUE_URL=queue)

        names = [NormalizedName(f"project-{number}") for number in range(projects)]
        seed_projects(site, "warm-index/", {name: make_records(FILES, name) for name in names})
        root = RootPage.of(names)
        html = root_html(root, path="warm-index/")
        put_all(site, {"warm-index/index.json": root_json(root), "warm-index/": html})
        bare = _bare(site, "warm-index/")
        warm = rebuild("warm-index")
        if "PutObject" in warm.calls:
            raise RuntimeError("the pages that were put are not those that the function writes")
        cold_projects = projects // 10
        put_all(site, _wheels("cold-index/", cold_projects))
        cold_bare = _bare(site, "cold-index/", files=True)
        cold = rebuild("cold-index")
    peer = _dumb_pypi(lab, projects)
    what = f"{projects * FILES:,} files in {projects:,} projects"
    return [
        Row(
            what=f"rebuild, {projects * FILES:,} files, pages current",
            ratio=f"{figures(warm.seconds / bare)} x",
            ours=f"{figures(warm.seconds)} s",
            beside=f"bare calls: {figures(bare)} s",
            aim="2 x or less",
            met=warm.seconds <= 2 * bare,
            note=f"{projects:,} projects. {sum(warm.calls.values()):,} calls: {_named(warm)}, which"
            f" is the listing plus one read of each page. CPU {figures(warm.cpu)} s,"
            f" {warm.grown / _MIB:.0f} MiB above the idle function. Compared with the same listing"
            f" and reads by a plain client with {_WORKERS} workers.",
        ),
        Row(
            what=f"rebuild, {cold_projects * FILES:,} files, no pages",
            ratio=f"{figures(cold.seconds / cold_bare)} x",
            ours=f"{figures(cold.seconds)} s",
            beside=f"bare calls: {figures(cold_bare)} s",
            aim="stated",
            met=True,
            note=f"{cold_projects:,} projects, by one function. {sum(cold.calls.values()):,} calls:"
            f" {_named(cold)}. Compared with listing the bucket and reading every file with"
            f" {_WORKERS} workers. Only a tenth of the files, because the local AWS scans all of"
            " its keys for each listing. The calls of a project do not depend on the number of"
            f" projects. dumb-pypi writes pages of {what}"
            f" from a complete list, without reading or uploading anything, in {figures(peer)} s.",
        ),
    ]


def _named(invocation: Invocation) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in sorted(invocation.calls.items()))


def _wheels(prefix: str, projects: int) -> dict[str, bytes]:
    objects = {}
    for project in range(projects):
        for version in range(FILES):
            made = wheel(f"project-{project}", f"{version}.0")
            objects[f"{prefix}project-{project}/{made.filename}"] = made.content
    return objects


def _bare(site: Site, prefix: str, *, files: bool = False) -> float:
    """Return the seconds that a plain client needs to list an index and read its objects."""
    clients = Clients(site.function.url)
    started = time.perf_counter()
    pages = clients.s3.get_paginator("list_objects_v2").paginate(Bucket=PEER_BUCKET, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    wanted = [key for key in keys if files or key.endswith("/index.json")]
    with ThreadPoolExecutor(_WORKERS) as pool:
        list(
            pool.map(
                lambda key: clients.s3.get_object(Bucket=PEER_BUCKET, Key=key)["Body"].read(),
                wanted,
            )
        )
    clients.close()
    return time.perf_counter() - started


def _dumb_pypi(lab: Lab, projects: int) -> float:
    """Return the seconds that dumb-pypi needs to write the pages of as many projects."""
    listed = lab.home / "packages.txt"
    names = (
        f"project_{number}-{version}.0-py3-none-any.whl"
        for number in range(projects)
        for version in range(FILES)
    )
    listed.write_text("\n".join(names))
    output = lab.home / "dumb"
    options = f"--package-list {listed} --packages-url ../../files --output-dir {output}".split()
    command = [str(PEERS / "bin" / "dumb-pypi"), *options]
    return seconds(lambda: run(command, check=True, capture_output=True))  # noqa: S603
