"""The entry point of the `s3pypi` command and of `python -m s3pypi`."""

import gc
import os
import sys

from s3pypi.cli import INTERRUPTED, app, main


def entry() -> None:
    """Run the command and exit with its code."""
    if "_S3PYPI_COMPLETE" in os.environ:
        app(prog_name="s3pypi")  # Click answers the shell, and exits
    # boto3 reads large descriptions of AWS's services, and the process ends before any of that is
    # garbage.
    gc.set_threshold(50_000)
    code = main()
    if code == INTERRUPTED:
        os._exit(code)  # requests that are under way would be waited for
    sys.exit(code)


if __name__ == "__main__":
    entry()
