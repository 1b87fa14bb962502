"""Rendering the pages of a large project."""

import json
from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

from lambda_indexer.model import ProjectPage
from lambda_indexer.pages.rendering import project_html, project_json
from tests.benchmarks.lab import Lab
from tests.benchmarks.records import NAME, make_records
from tests.benchmarks.row import Row
from tests.benchmarks.sample import Sample, figures, seconds

FILES = 10_000


def measure(lab: Lab) -> list[Row]:
    """Render both pages of a project with 10,000 files."""
    page = ProjectPage.of(NAME, make_records(lab.size(FILES, 1_000)))
    data = json.loads(project_json(page))

    def bare() -> None:
        json.dumps(data)
        _escape(data)

    project_html(page)  # compiles the template
    runs = lab.runs(9)
    limit = Sample.of(runs, lambda: seconds(bare))
    rows = []
    for kind, render in (("JSON", project_json), ("HTML", project_html)):
        ours = Sample.of(runs, partial(_time, render, page))
        rows.append(
            Row(
                what=f"{kind} page of {len(page.files):,} files",
                ratio=f"{figures(ours.over(limit))} x",
                ours=ours.shown(),
                beside=f"`json.dumps`: {limit.shown()}",
                aim="2 x or less",
                met=ours.over(limit) <= 2,
                note="Compared with `json.dumps` of the same data and escaping its strings.",
            )
        )
    return rows


def _time(render: Callable[[ProjectPage], bytes], page: ProjectPage) -> float:
    return seconds(lambda: render(page))


def _escape(value: Any) -> None:
    """Escape every text of a JSON value, once."""
    if isinstance(value, str):
        escape(value)
    elif isinstance(value, dict):
        for each in value.values():
            _escape(each)
    elif isinstance(value, list):
        for each in value:
            _escape(each)
