"""One more file for a project that has very many."""

import time

from scripts.clients import Clients
from tests.benchmarks.function import event, invoke
from tests.benchmarks.lab import PEER_BUCKET, Lab, Site
from tests.benchmarks.records import NAME, make_records
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures
from tests.benchmarks.seeding import seed_project
from tests.factories import wheel

FILES = 10_000
_MIB = 1 << 20


def measure(lab: Lab) -> list[Row]:
    """One file into a project of 10,000."""
    files = lab.size(FILES, 1_000)
    directory = f"large/{NAME}/"
    with lab.site() as site:
        seed_project(site, directory, make_records(files))
        invocations, limits = [], []
        for number in range(lab.runs(5)):
            made = wheel(NAME, f"900.{number}")
            key = f"{directory}{made.filename}"
            site.put(key, made.content, bucket=PEER_BUCKET)
            limits.append(_bare(site, directory, key))
            invocations.append(invoke(site, event(key)))
    time_, limit = Sample(tuple(i.seconds for i in invocations)), Sample(tuple(limits))
    cpu = Sample(tuple(i.cpu for i in invocations))
    grown = Sample(tuple(i.grown / _MIB for i in invocations))
    what = f"one file into a project of {files:,} files"
    return [
        Row(
            what=f"{what}: time",
            ratio=f"{figures(time_.over(limit))} x",
            ours=time_.shown(),
            beside=f"the listing and the transfer alone, one after the other: {limit.shown()}",
            aim="within 1.5 x",
            met=time_.over(limit) <= 1.5,
        ),
        Row(
            what=f"{what}: CPU and memory",
            ratio=f"{figures(cpu.median)} s, {grown.median:.0f} MiB",
            ours=f"{cpu.shown()}; {grown.shown('MiB')} above the idle function",
            beside="",
            aim="under 0.4 s and at most 160 MB above the idle function",
            met=cpu.median < 0.4 and grown.median <= 160,
        ),
    ]


def _bare(site: Site, directory: str, key: str) -> float:
    """Seconds that a plain client takes for the same listing, reads and writes."""
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
