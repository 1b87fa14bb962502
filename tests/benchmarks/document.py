"""The page of the documentation that the table stands on."""

import os
import platform
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from string import Template

from tests.benchmarks.latency import Latencies
from tests.benchmarks.row import Row, table

_PINNED = ("boto3", "ministack", "jinja2", "packaging")
_PAGE = Template("""# Benchmarks

`make benchmark` measures all of this and writes this page, with `ARGS="--only NAME"` one row of it;
with `ARGS=--quick` it measures everything in small and writes nothing.

Everything ran on $date on one machine with $processors processors, $memory GiB ($machine), Python
$python, $versions: the command, the peers, the local AWS with the function in it, and the proxies
that delay each call by $s3 ms (S3), $list ms (its listings), $dynamodb ms (DynamoDB) and $other ms
(others). Peers are the real ones from PyPI, `s3pypi==2.0.1` and `dumb-pypi`, in the same run on the
same local AWS. Figures are medians of several runs, with the lowest and the highest in
parentheses. What a row counts (calls, bytes) is exact; what it times is that of a machine on which
all of this shares the processors. CPU time is that of this machine's processor too.

$table""")


def document(rows: Iterable[Row], latencies: Latencies) -> str:
    """The whole page, in Markdown.

    Args:
        rows: Of all benchmarks.
        latencies: That the calls had.
    """
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return _PAGE.substitute(
        {name: f"{value:g}" for name, value in asdict(latencies).items()},
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        processors=os.cpu_count(),
        memory=f"{pages / (1 << 30):.0f}",
        machine=platform.machine(),
        python=platform.python_version(),
        versions=", ".join(f"{name} {version(name)}" for name in _PINNED),
        table=table(rows),
    )
