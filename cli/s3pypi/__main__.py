"""The entry point of the `s3pypi` command and of `python -m s3pypi`."""

import sys

from s3pypi.cli import main


def entry() -> None:
    """Run the command and exit with its code."""
    sys.exit(main())


if __name__ == "__main__":
    entry()
