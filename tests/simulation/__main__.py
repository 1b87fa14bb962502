"""`make simulate SEEDS=100000`: run many worlds, and stop at the first failure."""

import argparse
import sys
import time

from tests.simulation.simulate import simulate
from tests.simulation.world import SimulationError


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0 when every world was right, 1 when one was not.
    """
    parser = argparse.ArgumentParser(prog="simulate", description="Run worlds, seed by seed.")
    parser.add_argument("--seeds", type=int, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--start", type=int, default=0, help="the first (default: %(default)s)")
    options = parser.parse_args(argv)
    began = time.monotonic()
    for number in range(options.seeds):
        try:
            simulate(options.start + number)
        except SimulationError as error:
            print(f"{error}\n\nReplay it with --start {options.start + number} --seeds 1.")  # noqa: T201
            return 1
        if (number + 1) % 1000 == 0:
            print(f"{number + 1} worlds, {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
    print(f"{options.seeds} worlds came to rest and were right.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
