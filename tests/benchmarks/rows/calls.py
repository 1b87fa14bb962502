"""The AWS calls for one wheel, of the client and of the function."""

from collections import Counter

from tests.benchmarks.lab import PEER_BUCKET, Lab, Site
from tests.benchmarks.row import Row
from tests.benchmarks.wheels import make_wheels

Calls = Counter[tuple[str, str]]


def measure(lab: Lab) -> list[Row]:
    """Upload one wheel to an existing project."""
    with lab.site() as site:
        client, function = count(lab, site)
        first, second = make_wheels(lab.home / "calls-peer", 1, 2)
        lab.peer(site, "upload", first, "--bucket", PEER_BUCKET)
        site.forget()
        lab.peer(site, "upload", second, "--bucket", PEER_BUCKET)
        peer = site.clients.tally.calls
    return [
        Row(
            what="calls for one wheel",
            ratio=f"{client.total()} / {function.total()}",
            ours=f"client {client.total()}, function {function.total()}",
            beside=f"s3pypi 2.0.1: client {peer.total()}",
            aim="1 / 8 or fewer",
            met=client.total() == 1 and function.total() <= 8,
            note=f"Into an existing project. Client: {named(client)}. Function: {named(function)}."
            f" s3pypi 2.0.1: {named(peer)}.",
        )
    ]


def count(lab: Lab, site: Site) -> tuple[Calls, Calls]:
    """Upload one wheel to an existing project; return the calls of the client and the function."""
    bucket = site.stack.resources.bucket
    first, second = make_wheels(lab.home / "calls", 1, 2)
    for path in (first, second):
        site.stack.resources.wait_until_idle(60)
        site.forget()
        lab.ours(site, "upload", path, "--bucket", bucket)
    site.stack.resources.wait_until_idle(60)
    return Calls(site.clients.tally.calls), Calls(site.function.tally.calls)


def named(calls: Calls) -> str:
    """Describe calls, the most frequent first."""
    return ", ".join(f"{number} {operation}" for (_, operation), number in calls.most_common())
