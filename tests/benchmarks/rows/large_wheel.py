"""A wheel of two gigabytes."""

import hashlib
import os
import time
import zipfile
from pathlib import Path

from tests.benchmarks.function import Invocation, event, invoke
from tests.benchmarks.lab import PEER_BUCKET, Lab, Site
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures
from tests.factories import metadata_of

_MIB = 1 << 20
_NAME = "huge-1.0-py3-none-any.whl"


def measure(lab: Lab) -> list[Row]:
    """By bare PUT, which tells nothing of the content, and by `s3pypi upload`."""
    path = _make(lab.home / _NAME, lab.size(2048, 256))
    size = path.stat().st_size
    with lab.site() as site:
        keys = [f"huge-{number}/huge/{_NAME}" for number in range(lab.runs(3))]
        bare, ours = [], []
        for key in keys:
            with path.open("rb") as body:
                site.stack.clients.s3.put_object(Bucket=PEER_BUCKET, Key=key, Body=body)
            bare.append(_stream(site, key))
            ours.append(invoke(site, event(key), slow=False))
            site.stack.clients.s3.delete_object(Bucket=PEER_BUCKET, Key=key)
        uploaded = _uploaded(lab, site, path)
    limit = Sample(tuple(size / _MIB / value for value in bare))
    speed = Sample(tuple(size / _MIB / each.seconds for each in ours))
    grown = Sample(tuple(each.grown / _MIB for each in ours))
    what = f"{size / _MIB / 1024:.2g} GiB wheel"
    return [
        Row(
            what=f"{what}, plain PUT: reading",
            ratio=f"{figures(speed.over(limit))} x",
            ours=speed.shown("MiB/s"),
            beside=f"hashlib: {limit.shown('MiB/s')}",
            aim="0.8 x or more",
            met=speed.over(limit) >= 0.8,
            note="Compared with a streamed read that only computes the digest.",
        ),
        Row(
            what=f"{what}, plain PUT: memory",
            ratio=f"{grown.median:.0f} MiB",
            ours=grown.shown("MiB"),
            beside="idle function",
            aim="under 64 MB",
            met=grown.median < 64,
        ),
        Row(
            what=f"{what}, `s3pypi upload`: reading",
            ratio=f"{uploaded.read / _MIB:.2f} MiB",
            ours=f"{uploaded.read:,} B in {figures(uploaded.seconds)} s",
            beside=f"whole file: {size:,} B",
            aim="under 1 MB",
            met=uploaded.read < 1_000_000,
        ),
    ]


def _uploaded(lab: Lab, site: Site, path: Path) -> Invocation:
    lab.ours(site, "upload", path, "--bucket", PEER_BUCKET, "--prefix", "by-command")
    return invoke(site, event(f"by-command/huge/{_NAME}"), slow=False)


def _stream(site: Site, key: str) -> float:
    """Seconds to read an object once and hash it."""
    started, digest = time.perf_counter(), hashlib.sha256()
    body = site.stack.clients.s3.get_object(Bucket=PEER_BUCKET, Key=key)["Body"]
    while block := body.read(_MIB):
        digest.update(block)
    return time.perf_counter() - started


def _make(path: Path, mebibytes: int) -> Path:
    """Write a wheel with one large member that does not compress."""
    block = os.urandom(_MIB)
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open("huge.bin", "w", force_zip64=True) as member:
            for _ in range(mebibytes):
                member.write(block)
        archive.writestr("huge-1.0.dist-info/METADATA", metadata_of("huge", "1.0"))
    return path
