"""The entry point of the `s3pypi` command and of `python -m s3pypi`."""

import gc
import sys

from s3pypi.cli import main


def entry() -> None:
    """Run the command and exit with its code."""
    # It reads AWS's large descriptions of its services, and is gone before any of it is garbage.
    gc.set_threshold(50_000)
    sys.exit(main())


if __name__ == "__main__":
    entry()
