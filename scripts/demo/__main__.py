"""`make demo`: run a complete index on this machine, with the real function, command and pip."""

import argparse
import sys
import tempfile
from pathlib import Path

from scripts.build.indexer_zip import BuildError
from scripts.demo.clients import DemoError
from scripts.demo.demonstration import demonstrate
from scripts.local.errors import EmulatorError
from scripts.local.signals import Stopped, signals_stop

_NEXT = """
It works. This index has stopped; to keep one running, run `make local`,
then open the address that it prints after S3PYPI_INDEX_URL= in a browser."""


def main(argv: list[str] | None = None) -> int:
    """Run the demo.

    Args:
        argv: The arguments; by default, those of the process.

    Returns:
        The exit code: 0 for success, 1 if a step failed, 130 if interrupted.
    """
    argparse.ArgumentParser(
        prog="demo", description="Upload a few packages to a local AWS and install them with pip."
    ).parse_args(argv)
    try:
        with signals_stop(), tempfile.TemporaryDirectory(prefix="s3pypi-demo-") as directory:
            demonstrate(Path(directory))
    except (DemoError, BuildError, EmulatorError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except Stopped:
        return 130
    print(_NEXT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
