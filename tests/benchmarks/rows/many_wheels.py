"""Many wheels from one machine."""

import sys
from itertools import count
from typing import TYPE_CHECKING

from tests.benchmarks.lab import PEER_BUCKET, Lab
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures, seconds
from tests.benchmarks.wheels import make_wheels

if TYPE_CHECKING:
    from pathlib import Path

PROJECTS, EACH = 10, 10


# What a command that checks nothing and tells nothing would do.
_BARE = """
import sys, boto3
from concurrent.futures import ThreadPoolExecutor
from botocore.config import Config
s3 = boto3.client("s3", config=Config(max_pool_connections=16))
bucket, prefix, *paths = sys.argv[1:]
def put(path):
    with open(path, "rb") as body:
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{path}", Body=body)
with ThreadPoolExecutor(16) as pool:
    list(pool.map(put, paths))
"""


def measure(lab: Lab) -> list[Row]:
    """Upload 100 wheels of 10 projects, until the command returns."""
    each = lab.size(EACH, 2)
    paths = make_wheels(lab.home / "many", PROJECTS, each)
    number = count()
    with lab.site() as site:
        bucket = site.stack.resources.bucket
        ours, waiting, bare, peer = [], [], [], []
        for _ in range(lab.runs(5)):
            prefix = f"--prefix=run{next(number)}"
            ours.append(
                seconds(lambda: lab.ours(site, "upload", *paths, "--bucket", PEER_BUCKET, prefix))  # noqa: B023
            )
            waiting.append(
                seconds(lambda: lab.ours(site, "upload", *paths, "-b", bucket, prefix, "--wait"))  # noqa: B023
            )
            site.stack.resources.wait_until_idle(120)
            plain: list[str | Path] = [
                sys.executable,
                "-c",
                _BARE,
                PEER_BUCKET,
                f"bare{next(number)}",
                *paths,
            ]
            bare.append(seconds(lambda: lab.run(plain, site)))  # noqa: B023
            prefix = f"--prefix=run{next(number)}"
            peer.append(
                seconds(lambda: lab.peer(site, "upload", *paths, "--bucket", PEER_BUCKET, prefix))  # noqa: B023
            )
    mine, listed, limit, theirs = (Sample(tuple(values)) for values in (ours, waiting, bare, peer))
    return [
        Row(
            what=f"{len(paths)} wheels, {PROJECTS} projects",
            ratio=f"{figures(theirs.over(mine))} x faster",
            ours=mine.shown(),
            beside=f"s3pypi 2.0.1: {theirs.shown()}",
            aim="8 x faster",
            met=theirs.over(mine) >= 8,
            note="Both commands upload to a bucket without a function, whose work would share the"
            f" processors here. With a function and `--wait`, s3pypi takes {listed.shown()}. A"
            f" boto3 script that uploads with sixteen threads and checks nothing takes"
            f" {limit.shown()}. Nine tenths of s3pypi's time is CPU time of one processor: a third"
            " for importing botocore and its description of S3, a third for a hundred requests"
            " of 2 ms each. s3pypi 2.0.1 waits for each response, so the ratio grows with the"
            " number of files and with the latency.",
        )
    ]
