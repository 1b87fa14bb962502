"""One more file in a large project."""

import gc
import time

from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Project
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.locks.lease import Leases
from lambda_indexer.model import ProjectPage
from lambda_indexer.pages.rendering import project_html, project_json
from s3pypi.layout import DirectoryPath
from scripts.local.clients import Clients
from tests.benchmarks.function import event, invoke
from tests.benchmarks.lab import PEER_BUCKET, Lab, Site
from tests.benchmarks.records import CONTENT, METADATA, NAME, make_records, put_at
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures
from tests.benchmarks.seeding import seed_projects
from tests.factories import wheel
from tests.fakes import MemoryLockTable, MemoryStorage

FILES = 10_000
_MIB = 1 << 20


def measure(lab: Lab) -> list[Row]:
    """Upload a file to a project with 10,000 files."""
    files = lab.size(FILES, 1_000)
    directory = f"large/{NAME}/"
    with lab.site() as site:
        seed_projects(site, "large/", {NAME: make_records(files)})
        invocations, limits = [], []
        for number in range(lab.runs(5)):
            made = wheel(NAME, f"900.{number}")
            key = f"{directory}{made.filename}"
            site.put(key, made.content, bucket=PEER_BUCKET)
            limits.append(_bare(site, directory, key))
            invocations.append(invoke(site, event(key)))
    memory = Sample.of(lab.runs(5), lambda: _in_memory(files))
    time_, limit = Sample(tuple(i.seconds for i in invocations)), Sample(tuple(limits))
    cpu = Sample(tuple(i.cpu for i in invocations))
    grown = Sample(tuple(i.grown / _MIB for i in invocations))
    what = f"one file into {files:,}"
    return [
        Row(
            what=f"{what}: time",
            ratio=f"{figures(time_.over(limit))} x",
            ours=time_.shown(),
            beside=f"bare calls: {limit.shown()}",
            aim="1.5 x or less",
            met=time_.over(limit) <= 1.5,
            note="Compared with the listing and the transfer alone, one after the other.",
        ),
        Row(
            what=f"{what}: CPU and memory",
            ratio=f"{figures(cpu.median)} s, {grown.median:.0f} MiB",
            ours=f"{cpu.shown()}, {grown.shown('MiB')}",
            beside=f"in memory: {memory.shown()}",
            aim="0.4 s, 160 MB or less",
            met=cpu.median < 0.4 and grown.median <= 160,
            note="Memory is above the idle function. Compared with the indexer over a bucket in"
            " memory, which meets the aim. The rest is botocore's: 30 requests, parsing 20,000"
            " objects of the listing, and 16 MB to receive and send, while the proxy and the local"
            " AWS share the processors.",
        ),
    ]


def _in_memory(files: int) -> float:
    """Return the processor time of the same work without requests."""
    storage = MemoryStorage()
    records = make_records(files)
    for record in records:
        storage.upload("b", f"{NAME}/{record.filename}", CONTENT)
        storage.upload("b", f"{NAME}/{record.filename}.metadata", METADATA)
    times = {stored.filename: stored.last_modified for stored in storage.list("b", f"{NAME}/")}
    page = ProjectPage.of(NAME, put_at(records, times))
    storage.upload("b", f"{NAME}/index.json", project_json(page))
    storage.upload("b", f"{NAME}/", project_html(page))
    made = wheel(NAME, "900.0")
    storage.upload("b", f"{NAME}/{made.filename}", made.content)
    objects = storage.list("b", f"{NAME}/")
    storage.list = lambda *_: objects  # type: ignore[method-assign]
    indexer = Indexer(storage, Leases(MemoryLockTable(), lambda: 900.0), Pages(storage))
    gc.freeze()  # as the function does
    gc.set_threshold(50_000)
    started = time.process_time()
    indexer.regenerate(Project("b", DirectoryPath(f"{NAME}/")))
    return time.process_time() - started


def _bare(site: Site, directory: str, key: str) -> float:
    """Return the seconds that a plain client needs for the same requests."""
    clients = Clients(site.function.url)
    s3, start = clients.s3, time.perf_counter()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=PEER_BUCKET, Prefix=directory)
    for _ in pages:
        pass
    bodies = [
        s3.get_object(Bucket=PEER_BUCKET, Key=each)["Body"].read()
        for each in (f"{directory}index.json", key)
    ]
    html = s3.get_object(Bucket=PEER_BUCKET, Key=directory)["Body"].read()
    for body in (b"metadata", bodies[0], html):
        s3.put_object(Bucket=PEER_BUCKET, Key=f"bare/{len(body)}", Body=body)
    seconds = time.perf_counter() - start
    clients.close()
    return seconds
