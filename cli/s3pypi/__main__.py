"""The entry point of the `s3pypi` command and of `python -m s3pypi`."""

import gc
import os
import sys

from s3pypi.cli import INTERRUPTED, app, main


def entry() -> None:
    """Run the command and exit with its code."""
    if "_S3PYPI_COMPLETE" in os.environ:
        app(prog_name="s3pypi")  # prints shell completions and exits
    # boto3 loads large service descriptions, which are not garbage before the process ends.
    gc.set_threshold(50_000)
    code = main()
    if code == INTERRUPTED:
        os._exit(code)  # without waiting for pending requests
    sys.exit(code)


if __name__ == "__main__":
    entry()
