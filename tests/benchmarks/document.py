"""The page of the documentation with the table."""

import os
import platform
from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from string import Template

from tests.benchmarks.latency import Latencies
from tests.benchmarks.row import Row, table

_PINNED = ("boto3", "ministack", "jinja2", "packaging")
_PAGE = Template(Path(__file__).with_name("page.md").read_text())


def document(rows: Iterable[Row], latencies: Latencies, dates: str) -> str:
    """The whole page, in Markdown.

    Args:
        rows: The rows of all benchmarks.
        latencies: The latencies of the calls.
        dates: When the rows were measured.
    """
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return _PAGE.substitute(
        {name: f"{value:g}" for name, value in asdict(latencies).items()},
        dates=dates,
        processors=os.cpu_count(),
        memory=f"{pages / (1 << 30):.0f}",
        machine=platform.machine(),
        python=platform.python_version(),
        versions=", ".join(f"{name} {version(name)}" for name in _PINNED),
        table=table(rows),
    )
