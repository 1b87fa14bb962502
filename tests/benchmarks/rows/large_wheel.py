"""A wheel of two gigabytes."""

import hashlib
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from lambda_indexer.files.read_ahead import BLOCK, CONNECTIONS, WINDOW
from s3pypi.aws.bucket import S3Bucket
from s3pypi.aws.clients import s3_client
from s3pypi.digest import digest_of
from s3pypi.distributions.filenames import project_of, version_in
from s3pypi.uploads.distribution import Distribution
from s3pypi.uploads.results import Existing
from s3pypi.uploads.uploader import Uploader
from scripts.local.clients import Clients
from scripts.local.emulator import REGION
from tests.benchmarks import read_ahead
from tests.benchmarks.function import Invocation, event, invoke
from tests.benchmarks.lab import PEER_BUCKET, Lab, Site
from tests.benchmarks.paced import paced
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures, seconds
from tests.factories import metadata_of

_MIB = 1 << 20
_NAME = "huge-1.0-py3-none-any.whl"


def measure(lab: Lab) -> list[Row]:
    """Upload it with a plain PUT, without a checksum, and with `s3pypi upload`."""
    path = _make(lab.home / _NAME, lab.size(2048, 256))
    size = path.stat().st_size
    runs = lab.runs(3)
    read = [_read_ahead(path) for _ in range(runs)]
    ours = Sample(tuple(size / _MIB / taken for taken, _, _ in read))
    cpu = Sample(tuple(cpu / (size / _MIB) * 1024 for _, cpu, _ in read))
    grown = Sample(tuple(memory / _MIB for _, _, memory in read))
    one = Sample.of(runs, lambda: size / _MIB / _read_as_one_stream(path))
    memory = Sample.of(runs, lambda: size / _MIB / _hash_in_memory(size))
    with lab.site() as site:
        uploaded = _uploaded(lab, site, path)
    what = f"{size / _MIB / 1024:.2g} GiB wheel"
    paced = "Each connection gets 80 MB/s, and each answer begins after 25 ms."
    return [
        Row(
            what=f"{what}, other tools: one stream",
            ratio=f"{figures(ours.over(one))} x",
            ours=ours.shown("MiB/s"),
            beside=f"one stream: {one.shown('MiB/s')}",
            aim="5 x or more",
            met=ours.over(one) >= 5,
            note=f"Reading and hashing. {paced} {CONNECTIONS} connections read ahead.",
        ),
        Row(
            what=f"{what}, other tools: hashlib",
            ratio=f"{figures(ours.over(memory))} x",
            ours=ours.shown("MiB/s"),
            beside=f"hashlib in memory: {memory.shown('MiB/s')}",
            aim="0.85 x or more",
            met=ours.over(memory) >= 0.85,
            note="As above; hashlib hashes blocks that are in memory already, a GiB in"
            f" {figures(1024 / memory.median)} s. Receiving and hashing a GiB takes"
            f" {figures(cpu.median)} s of a processor: with SHA instructions, hashing costs no more"
            " than receiving, and both share two processors with the server. The window allows"
            f" {_most_at_once():,.0f} MiB/s at that latency.",
        ),
        Row(
            what=f"{what}, other tools: window",
            ratio=f"{WINDOW / _MIB:.0f} MiB",
            ours=f"{WINDOW / _MIB:.0f} MiB",
            beside=f"process: +{grown.shown('MiB')}",
            aim="64 MiB or less",
            met=WINDOW <= 64 * _MIB,
            note="What is requested or waits to be hashed, for all files of an invocation. The"
            " process grows by more, because the allocator keeps some of what is freed.",
        ),
        Row(
            what=f"{what}, `s3pypi upload`: reading",
            ratio=f"{uploaded.read / _MIB:.2f} MiB",
            ours=f"{uploaded.read:,} B in {figures(uploaded.seconds)} s",
            beside=f"whole file: {size:,} B",
            aim="under 1 MB",
            met=uploaded.read < 1_000_000,
        ),
        *(_in_parts(lab, mebibytes) for mebibytes in (64, 256, 1024)),
    ]


def _in_parts(lab: Lab, mebibytes: int) -> Row:
    """The upload of a file until it is listed, whole as it is, and in parts as it could be."""
    path = _make(lab.home / _NAME.replace("1.0", "2.0"), mebibytes)
    project = project_of(path.name)
    assert project
    reading, _, _ = _read_ahead(path)
    whole: list[float] = []
    parts: list[float] = []
    for megabits in (1000, 2500, 10_000):
        with paced(path, megabits=megabits) as url:
            bucket = S3Bucket(s3_client(region=REGION, endpoint_url=url, sign=False), "bucket")
            for limit, times in ((1 << 40, whole), (0, parts)):
                with path.open("rb") as file:
                    found = digest_of(file, whole_limit=limit)
                wheel = Distribution(path, project, version_in(path.name, project), found)
                uploader = Uploader(bucket, existing=Existing.REPLACE)
                times.append(seconds(lambda: uploader.upload([wheel])))  # noqa: B023
    listed = [time + reading for time in parts]
    return Row(
        what=f"{path.stat().st_size / _MIB:,.0f} MiB: one request or parts",
        ratio=" / ".join(figures(a / b) for a, b in zip(whole, listed, strict=True)) + " x",
        ours=" / ".join(map(figures, whole)) + " s",
        beside="parts: " + " / ".join(map(figures, listed)) + " s",
        aim="stated",
        met=True,
        note="`s3pypi upload` until the digest is known, at 1 / 2.5 / 10 Gbit/s and 80 MB/s for a"
        " connection. It sends the file in one request. Eight workers could send it in parts, but"
        " the function would then have to read the whole file; see below for the choice.",
    )


def _read_ahead(path: Path) -> tuple[float, float, float]:
    """Seconds that the function takes to read and hash an object, of a processor, and memory."""
    with paced(path) as url:
        command = [sys.executable, "-m", read_ahead.__name__, url, str(path.stat().st_size)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    taken, cpu, grown = json.loads(done.stdout)
    return taken, cpu, grown


def _most_at_once() -> float:
    """MiB a second if every connection receives one range after the other."""
    seconds_each = 0.025 + BLOCK / 80e6
    return CONNECTIONS * BLOCK / _MIB / seconds_each


def _read_as_one_stream(path: Path) -> float:
    """Seconds to read an object once and hash it, as long as that takes for a tenth of it."""
    started, hashed, tenth = time.perf_counter(), hashlib.sha256(), path.stat().st_size // 10
    with paced(path) as url:
        body = Clients(url).s3.get_object(Bucket="bucket", Key=path.name)["Body"]
        started = time.perf_counter()
        for _ in range(tenth // _MIB):
            hashed.update(body.read(_MIB))
        return (time.perf_counter() - started) * 10


def _hash_in_memory(size: int) -> float:
    """Seconds to hash as many bytes without reading any."""
    block, hashed = bytes(4 * _MIB), hashlib.sha256()
    started = time.perf_counter()
    for _ in range(size // len(block)):
        hashed.update(block)
    return time.perf_counter() - started


def _uploaded(lab: Lab, site: Site, path: Path) -> Invocation:
    lab.ours(site, "upload", path, "--bucket", PEER_BUCKET, "--prefix", "by-command")
    return invoke(site, event(f"by-command/huge/{_NAME}"), slow=False)


def _make(path: Path, mebibytes: int) -> Path:
    """Write a wheel with one large, incompressible member."""
    block = os.urandom(_MIB)
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open("huge.bin", "w", force_zip64=True) as member:
            for _ in range(mebibytes):
                member.write(block)
        information = "-".join(path.name.split("-")[:2]) + ".dist-info"
        archive.writestr(f"{information}/METADATA", metadata_of("huge", path.name.split("-")[1]))
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr(f"{information}/RECORD", "")
    return path
