"""`make installers CASES=20000`: judge more odd files than the tests, and others each time."""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.installers.compare import compare_metadata, compare_names, compare_wheels, report

BATCH = 500


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0 when all differences are known ones, 1 when there are others.
    """
    parser = argparse.ArgumentParser(prog="installers", description="Compare with pip and uv.")
    parser.add_argument("--cases", type=int, default=20_000, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=time.time_ns(), help="default: the clock")
    options = parser.parse_args(argv)
    random = Random(options.seed)  # noqa: S311 - a seed replays exactly
    verdicts = []
    with tempfile.TemporaryDirectory() as directory:
        for number in range(0, options.cases, 3 * BATCH):
            place = Path(directory, str(number))
            place.mkdir()
            verdicts += compare_names(random, BATCH, place / "names")
            verdicts += compare_metadata(random, BATCH, place / "metadata")
            verdicts += compare_wheels(random, BATCH, place / "wheels", refused=BATCH // 10)
    known, unknown = report(verdicts)
    for name, count in known.most_common():
        print(f"{count:9} {name}")  # noqa: T201
    for line in unknown:
        print(line)  # noqa: T201
    print(f"{len(verdicts)} judged, {len(unknown)} unexplained, seed {options.seed}")  # noqa: T201
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
