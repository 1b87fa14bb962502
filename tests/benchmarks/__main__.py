"""Run the benchmarks and write the table; `make benchmark`."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.document import document
from tests.benchmarks.lab import Lab, open_lab
from tests.benchmarks.latency import Latencies
from tests.benchmarks.results import dates, keep, kept
from tests.benchmarks.row import Row, table
from tests.benchmarks.rows import (
    bursts,
    calls,
    cli_start,
    cold_start,
    contention,
    hooks,
    large_project,
    large_root,
    large_wheel,
    many_wheels,
    money,
    rebuild,
    rendering,
    upload_to_page,
)

OUTPUT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"

ROWS: dict[str, Callable[[Lab], list[Row]]] = {
    module.__name__.rpartition(".")[2]: module.measure
    for module in (
        calls,
        cli_start,
        many_wheels,
        contention,
        bursts,
        upload_to_page,
        large_project,
        large_root,
        rebuild,
        large_wheel,
        cold_start,
        rendering,
        hooks,
        money,
    )
}


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0 when everything could be measured, whatever came out.
    """
    parser = argparse.ArgumentParser(prog="benchmark", description=__doc__)
    parser.add_argument("--only", action="append", choices=ROWS, help="a row; may be repeated")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, one run each, and nothing written"
    )
    Latencies.add_options(parser)
    options = parser.parse_args(argv)
    latencies = Latencies.from_options(options)
    with open_lab(latencies, quick=options.quick) as lab:
        for name in options.only or ROWS:
            started = time.monotonic()
            rows = ROWS[name](lab)
            print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
            print(table(rows), flush=True)
            if not options.quick:
                keep(name, rows)
                OUTPUT.write_text(document(kept(ROWS), latencies, dates(ROWS)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
