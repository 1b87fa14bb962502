"""`make stress`: run many real uploaders, kill workers, fail calls, and check the result."""

import argparse
import sys

from tests.stress.plan import Plan
from tests.stress.rebuild import rebuild
from tests.stress.run import run


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0 when nothing was lost, 1 when something is wrong.
    """
    parser = argparse.ArgumentParser(prog="stress", description="Upload under fire, then look.")
    for name, what in (
        ("uploaders", "processes at once"),
        ("projects", "projects"),
        ("contended", "projects that get half of all wheels"),
        ("wheels", "wheels altogether"),
        ("seed", "of all that is left to chance"),
    ):
        default = getattr(Plan, name)
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{what} ({default})")
    parser.add_argument("--rebuild", type=int, metavar="PROJECTS", help="rebuild so many instead")
    options = vars(parser.parse_args(argv))
    projects = options.pop("rebuild")
    report = rebuild(projects) if projects else run(Plan(**options))
    print(report)  # noqa: T201 - this is its output
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
