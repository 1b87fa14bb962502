"""Many wheels from one machine."""

from itertools import count

from tests.benchmarks.lab import PEER_BUCKET, Lab
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures, seconds
from tests.benchmarks.wheels import make_wheels

PROJECTS, EACH = 10, 10


def measure(lab: Lab) -> list[Row]:
    """100 wheels of 10 projects, until the command returns."""
    each = lab.size(EACH, 2)
    paths = make_wheels(lab.home / "many", PROJECTS, each)
    number = count()
    with lab.site() as site:
        bucket = site.stack.resources.bucket
        ours, waiting, peer = [], [], []
        for _ in range(lab.runs(5)):
            prefix = f"--prefix=run{next(number)}"
            ours.append(
                seconds(lambda: lab.ours(site, "upload", *paths, "--bucket", PEER_BUCKET, prefix))  # noqa: B023
            )
            waiting.append(
                seconds(lambda: lab.ours(site, "upload", *paths, "-b", bucket, prefix, "--wait"))  # noqa: B023
            )
            site.stack.resources.wait_until_idle(120)
            prefix = f"--prefix=run{next(number)}"
            peer.append(
                seconds(lambda: lab.peer(site, "upload", *paths, "--bucket", PEER_BUCKET, prefix))  # noqa: B023
            )
    mine, listed, theirs = (Sample(tuple(values)) for values in (ours, waiting, peer))
    return [
        Row(
            what=f"{len(paths)} wheels of {PROJECTS} projects from one machine",
            ratio=f"{figures(theirs.over(mine))} x faster",
            ours=f"{mine.shown()}; with `--wait`, until all are on the pages, {listed.shown()}",
            beside=f"s3pypi 2.0.1: {theirs.shown()}",
            aim="at least 8 x faster",
            met=theirs.over(mine) >= 8,
            note="Both commands upload to a bucket without a function, whose work would be done on"
            " the same processors here; with `--wait` it is. Half of our time is the start of"
            " Python and boto3, as of any client; the rest is bounded by the local AWS, which"
            " answers a few hundred calls a second. Of s3pypi 2.0.1's time nearly all is waiting"
            " for one answer after another.",
        )
    ]
