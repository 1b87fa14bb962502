"""A new project in a large index."""

from packaging.utils import NormalizedName

from lambda_indexer.model import RootPage
from lambda_indexer.pages.rendering import root_html, root_json
from tests.benchmarks.function import Invocation, event, invoke
from tests.benchmarks.lab import PEER_BUCKET, Lab, Site
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures
from tests.factories import wheel

PROJECTS = 100_000


def measure(lab: Lab) -> list[Row]:
    """Add a project to an index with 100,000 projects, and to one with 10."""
    projects = lab.size(PROJECTS, 10_000)
    with lab.site() as site:
        small = [_add(site, 10, number) for number in range(lab.runs(3))]
        large = [_add(site, projects, number) for number in range(lab.runs(5))]
    calls = {sum(i.calls.values()) for i in large}
    before = {sum(i.calls.values()) for i in small}
    cpu = Sample(tuple(i.cpu for i in large))
    return [
        Row(
            what=f"new project, root of {projects:,}",
            ratio=f"{max(calls)} / {max(before)} calls, {figures(cpu.median)} s",
            ours=f"{cpu.shown()} CPU",
            beside=f"root of 10: {Sample(tuple(i.cpu for i in small)).shown()}",
            aim="same calls, under 0.4 s",
            met=calls == before and cpu.median < 0.4,
        )
    ]


def _add(site: Site, projects: int, number: int) -> Invocation:
    """Add a project to an index with a number of projects."""
    prefix = f"root-{projects}-{number}/"
    page = RootPage.of(NormalizedName(f"some-project-{n}") for n in range(projects))
    site.put(f"{prefix}index.json", root_json(page), bucket=PEER_BUCKET)
    site.put(prefix, root_html(page), bucket=PEER_BUCKET)
    made = wheel("new", "1.0")
    key = f"{prefix}new/{made.filename}"
    site.put(key, made.content, bucket=PEER_BUCKET)
    return invoke(site, event(key), slow=False)
